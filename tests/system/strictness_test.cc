// What is not let through to the upstream.
#include <doctest/doctest.h>

#include <string_view>

#include "tests/support/raw_socket.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;
using Json = nlohmann::json;
using namespace std::string_literals;

namespace {

/// The requests that reached the upstream, other than for a token.
Json reached(const Sandbox& sandbox) {
  Json answers = sandbox.stats().at("answers");
  answers.erase("POST /oauth/token");
  answers.erase("GET /sandbox/stats");
  return answers;
}

void check_refusal(const Reply& reply, int status, const std::string& error) {
  CHECK(reply.status == status);
  CHECK(reply.field("Content-Type") == "application/problem+json");
  CHECK(reply.field("Proxy-Status").starts_with("bearer-proxy; error=" + error + "; details="));
  CHECK(Json::parse(reply.body).at("status") == status);
}

}  // namespace

TEST_CASE("a malformed request gets its status and a closed connection, and goes no further") {
  const std::string host = "Host: localhost\r\n";
  std::string many;
  for (int i = 0; i < 128; ++i) many += "X: y\r\n";
  const std::string post = "POST /echo HTTP/1.1\r\n" + host;
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  struct Case {
    const char* what;
    std::string request;
    int status = 400;
  };
  const Case cases[] = {
      {"length and chunks", post + "Content-Length: 5\r\n" + chunked + "\r\n0\r\n\r\n"},
      {"two lengths", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
      {"the same length twice", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
      {"a list of lengths", post + "Content-Length: 5, 5\r\n\r\nhello"},
      {"a negative length", post + "Content-Length: -5\r\n\r\n"},
      {"a length with a sign", post + "Content-Length: +5\r\n\r\nhello"},
      {"a length in hex", post + "Content-Length: 0x5\r\n\r\nhello"},
      {"a length beyond 64 bits", post + "Content-Length: 99999999999999999999\r\n\r\n"},
      {"another transfer coding", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"chunked twice", post + chunked + chunked + "\r\n0\r\n\r\n"},
      {"chunked on HTTP/1.0", "POST /echo HTTP/1.0\r\n" + host + chunked + "\r\n0\r\n\r\n"},
      {"a malformed chunk size", post + chunked + "\r\nx\r\nhello\r\n0\r\n\r\n"},
      {"a chunk without its end", post + chunked + "\r\n5\r\nhelloXX0\r\n\r\n"},
      {"bare LF", "GET /echo HTTP/1.1\nHost: localhost\n\n"},
      {"bare CR", "GET /echo HTTP/1.1\r\nHost: localhost\rX: y\r\n\r\n"},
      {"NUL", "GET /echo HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n"s},
      {"obs-fold", "GET /echo HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n"},
      {"a space before the colon", "GET /echo HTTP/1.1\r\nHost : localhost\r\n\r\n"},
      {"a control character in a field",
       "GET /echo HTTP/1.1\r\nHost: localhost\r\nX: \x01\r\n\r\n"},
      {"a control character in the target", "GET /e\x7f HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"a space in the target", "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"no Host", "GET /echo HTTP/1.1\r\n\r\n"},
      {"two Hosts", "GET /echo HTTP/1.1\r\n" + host + host + "\r\n"},
      {"no HTTP", "\x16\x03\x01\x02garbage\r\n\r\n"},
      {"a later HTTP by prior knowledge", "PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n"},
      {"a long request line", "GET /" + std::string(17u << 10, 'a') + " HTTP/1.1\r\n", 414},
      {"too many fields", "GET / HTTP/1.1\r\n" + host + many + "\r\n", 431},
      {"a large head", "GET / HTTP/1.1\r\nX: " + std::string(65u << 10, 'a') + "\r\n", 431},
  };
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  for (const Case& c : cases) {
    CAPTURE(c.what);
    RawSocket client = RawSocket::connect(proxy.port());
    client.send(c.request);
    const std::string answer = client.read_to_end();
    CAPTURE(answer);
    CHECK(answer.starts_with("HTTP/1.1 " + std::to_string(c.status) + " "));
    CHECK(answer.find("\r\nConnection: close\r\n") != std::string::npos);
    CHECK(answer.find("error=http_request_error; details=") != std::string::npos);
    CHECK(answer.find("HTTP/1.1 ", 1) == std::string::npos);  // one answer alone
  }
  CHECK(reached(sandbox) == Json::object());
}

TEST_CASE("what follows a malformed request is never taken for one") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  RawSocket client = RawSocket::connect(proxy.port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /echo HTTP/1.1\r\n"
      "Host: localhost\r\n\r\n");
  CHECK(client.read_to_end().starts_with("HTTP/1.1 400 "));
  CHECK(reached(sandbox) == Json::object());
}

TEST_CASE("a deletion whose 204 announces a body has succeeded, and the next request is answered") {
  const Sandbox tokens;
  Upstream upstream;
  const Proxy proxy(upstream.origin(), tokens);
  RawSocket client = RawSocket::connect(proxy.port());
  client.send("DELETE /orders/5 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  upstream.take_request().send("HTTP/1.1 204 No Content\nTransfer-Encoding: chunked\n\n0\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 204 No Content\r\n\r\n");
  client.send(get());
  upstream.take_request().send(answer("200 OK", "next"));
  CHECK(read_message(client).body == "next");
}

TEST_CASE("the absolute form is served where it names the upstream, in https too") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  const std::string authority = sandbox.url("").substr(std::string("http://").size());
  for (const char* scheme : {"http://", "https://"}) {
    RawSocket client = RawSocket::connect(proxy.port());
    client.send("GET " + (scheme + authority) + "/echo HTTP/1.1\r\nHost: " + authority +
                "\r\nConnection: close\r\n\r\n");
    CHECK(client.read_to_end().starts_with("HTTP/1.1 200 "));
  }
  RawSocket client = RawSocket::connect(proxy.port());
  client.send("GET https://evil.example/echo HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 421 "));
}

TEST_CASE("CONNECT and TRACE are refused") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  const Reply trace = curl({"-X", "TRACE", proxy.url("/echo")});
  check_refusal(trace, 405, "http_request_denied");
  CHECK(trace.field("Allow") == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  RawSocket client = RawSocket::connect(proxy.port());
  client.send("CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 405 "));
  CHECK(reached(sandbox) == Json::object());
}

TEST_CASE("a page of another site is refused, the proxy's own is not") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox, {"--allow-origin", "https://app.example"});
  const auto ask_from = [&](const std::string& field) {
    return curl({"-H", field, proxy.url("/echo")});
  };
  for (const char* field : {"Origin: https://evil.example", "Origin: null",
                            "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"}) {
    CAPTURE(field);
    check_refusal(ask_from(field), 403, "http_request_denied");
  }
  CHECK(reached(sandbox) == Json::object());
  for (const std::string& field :
       {"Origin: https://app.example"s, "Sec-Fetch-Site: same-origin"s, "Sec-Fetch-Site: none"s,
        "Origin: http://" + proxy.authority()}) {
    CAPTURE(field);
    CHECK(ask_from(field).status == 200);
  }
}

TEST_CASE("a Host that is not served is refused, as after DNS rebinding") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox, {"--allow-host", "proxy.internal"});
  const auto ask_as = [&](const std::string& host) {
    return curl({"-H", "Host: " + host, proxy.url("/echo")});
  };
  check_refusal(ask_as("evil.example"), 421, "http_request_denied");
  check_refusal(ask_as("localhost.evil.example:80"), 421, "http_request_denied");
  CHECK(reached(sandbox) == Json::object());
  CHECK(ask_as("proxy.internal:8080").status == 200);
  CHECK(ask_as("localhost").status == 200);
  CHECK(ask_as("proxy.internal.").status == 200);  // the same name, with the root's dot
  CHECK(ask_as("localhost.:9").status == 200);
}

TEST_CASE("a path whose dot segments leave the upstream's base path is refused") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox.url("/api/v2"), sandbox);
  for (const char* path :
       {"/../echo", "/..%2fecho", "/%2e%2e/echo", "/users/../../../echo", "/..\\echo"}) {
    CAPTURE(path);
    check_refusal(curl({"--path-as-is", proxy.url(path)}), 403, "http_request_denied");
  }
  CHECK(reached(sandbox) == Json::object());
  CHECK(curl({proxy.url("/users")}).status == 200);
}
