#include "token/oauth/token_request.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/temporary_directory.h"

using namespace bearer;
using token::EndpointWays;

namespace {

/// The request's text to an endpoint with these ways, or what is wrong.
std::string text_of(const EndpointWays& ways, const char* url = "https://login.example.com/token",
                    const char* authorization = "") {
  token::TokenForm form;
  form.add("grant_type", "x y");
  form.add_written("n", base::Secret("[1]"));
  const auto request =
      token::make_token_request(ways, form, base::Secret(std::string(authorization)));
  if (!request) return request.error().sentence();
  return std::string(token::request_text(http::parse_url(url).value(), *request).reveal());
}

}  // namespace

TEST_CASE("a token request is a post of a form") {
  CHECK(text_of({}, "https://login.example.com:8443/token?v=1", "Basic aWQ6cw==") ==
        "POST /token?v=1 HTTP/1.1\r\nHost: login.example.com:8443\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 24\r\n"
        "Accept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: bearer-proxy\r\n"
        "Connection: close\r\nAuthorization: Basic aWQ6cw==\r\n\r\ngrant_type=x+y&n=%5B1%5D");
}

TEST_CASE("a GET has its parameters in the query, and neither body nor length") {
  EndpointWays ways;
  ways.method = token::TokenMethod::get;
  const std::string plain = text_of(ways), more = text_of(ways, "http://127.0.0.1/t?a=b"),
                    root = text_of(ways, "http://127.0.0.1");
  CHECK(plain.starts_with("GET /token?grant_type=x+y&n=%5B1%5D HTTP/1.1\r\n"));
  CHECK(more.starts_with("GET /t?a=b&grant_type=x+y&n=%5B1%5D HTTP/1.1\r\n"));
  CHECK(root.starts_with("GET /?grant_type=x+y&n=%5B1%5D HTTP/1.1\r\n"));
  CHECK(plain.ends_with("Connection: close\r\n\r\n"));
  CHECK(plain.find("Content-") == std::string::npos);
}

TEST_CASE("a PUT has neither parameters nor a body, and says so") {
  const std::string text = token::request_text({false, "169.254.169.254", 80, "/latest/api/token"},
                                               {.verb = token::TokenRequest::Verb::put})
                               .reveal()
                               .data();
  CHECK(text.starts_with("PUT /latest/api/token HTTP/1.1\r\n"));
  CHECK(text.find("\r\nContent-Length: 0\r\n") != std::string::npos);
  CHECK(text.ends_with("\r\n\r\n"));
}

TEST_CASE("a JSON body holds texts, and what is written as JSON") {
  EndpointWays ways;
  ways.body = token::TokenBody::json;
  const std::string text = text_of(ways);
  CHECK(text.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
  CHECK(text.ends_with("\r\n\r\n{\"grant_type\":\"x y\",\"n\":[1]}"));
}

TEST_CASE("a value that JSON cannot hold is refused by name, and a form takes it as it is") {
  EndpointWays ways;
  const auto text = [&](const char* password) {
    token::TokenForm form;
    form.add("username", "j\xc3\xb6rg");  // UTF-8
    form.add("password", base::Secret(std::string(password)));
    const auto request = token::make_token_request(ways, form, {});
    return request ? std::string(request->form.reveal()) : request.error().sentence();
  };
  CHECK(text("s\xe9same") == "username=j%C3%B6rg&password=s%E9same");
  ways.body = token::TokenBody::json;
  CHECK(text("s\xe9same") ==
        "the token request's password has bytes that are not UTF-8, which JSON cannot hold: "
        "correct it, or set token_body to form");
  CHECK(text("s\xc3\xa9same") == "{\"password\":\"s\xc3\xa9same\",\"username\":\"j\xc3\xb6rg\"}");
  ways.method = token::TokenMethod::get;  // its parameters are in the query
  CHECK(text("s\xe9same") == "username=j%C3%B6rg&password=s%E9same");
}

TEST_CASE("where the whole answer is the token, nobody asks for JSON") {
  EndpointWays ways;
  ways.members.token = ".";
  CHECK(text_of(ways).find("\r\nAccept: */*\r\n") != std::string::npos);
}

TEST_CASE("fields of a person's own stand in place of ours, from the settings and from a file") {
  const test::TemporaryDirectory directory;
  EndpointWays ways;
  ways.fields = {{"user-agent", base::Secret("curl/8")}, {"Metadata", base::Secret("true")}};
  ways.fields_file =
      directory.write("fields", "\n # ours\nX-Api-Key:  k3y \r\n\nAuthorization: Token t\n");
  const std::string text = text_of(ways, "https://login.example.com/token", "Basic aWQ6cw==");
  CHECK(text.find("user-agent: curl/8\r\n") != std::string::npos);
  CHECK(text.find("bearer-proxy") == std::string::npos);
  CHECK(text.find("\r\nX-Api-Key: k3y\r\n") != std::string::npos);
  CHECK(text.find("\r\nAuthorization: Token t\r\n") != std::string::npos);
  CHECK(text.find("Basic") == std::string::npos);
  CHECK(text.find("ours") == std::string::npos);
}

TEST_CASE("what a field's file holds is redacted where a server quotes it") {
  const test::TemporaryDirectory directory;
  EndpointWays ways;
  ways.fields_file = directory.write("fields", "X-Api-Key: s3cret-key\n");
  token::TokenForm form;
  REQUIRE(token::make_token_request(ways, form, {}).has_value());
  std::string said = "the key s3cret-key is not known";
  form.redact(said);
  CHECK(said == "the key *** is not known");
}

TEST_CASE("a line that is no field is refused, and so is one that frames the request") {
  const auto why = [](std::string_view line) {
    EndpointWays ways;
    const auto added = ways.add_field(line);
    return added ? std::string("none") : added.error().detail;
  };
  for (const char* line : {"", "X-Key", ": v", "a b: v", "X-Key : v"}) {
    CAPTURE(line);
    CHECK(why(line) == "not a field; write Name: value");
  }
  CHECK(why("X: a\x01"
            "b") == "X holds a line break, a NUL or another control character");
  for (const char* name : {"Host", "content-length", "Transfer-Encoding", "connection",
                           "Content_Length", "DPoP", "Proxy-Connection", "accept-encoding"}) {
    CAPTURE(name);
    CHECK(why(std::string(name) + ": x") == std::string(name) + " belongs to the connection");
  }
  CHECK(why("X-Empty:") == "none");

  const test::TemporaryDirectory directory;
  EndpointWays ways;
  ways.fields_file = directory.write("fields", "X-Good: 1\ns3cret\n");
  CHECK(text_of(ways) == "the secret's file " + ways.fields_file +
                             " is wrong in line 2: not a field; write Name: value: check "
                             "token_header_file");
  ways.fields_file = directory.path("missing");
  CHECK(text_of(ways).find("cannot be read") != std::string::npos);
}
