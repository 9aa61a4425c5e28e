#include "token/oauth/discovery.h"

#include <doctest/doctest.h>

#include <string>

using namespace bearer;

namespace {

http::Url url(const std::string& text) {
  return http::parse_url(text).value();
}

/// The endpoint's URL, or what is wrong.
std::string endpoint_in(const std::string& body, const std::string& issuer = "https://a.example",
                        bool mutual_tls = false) {
  token::Answer answer;
  answer.status = 200;
  answer.body = base::Secret(std::string(body));
  const auto found = token::token_endpoint_in(answer, url(issuer), mutual_tls);
  return found ? found->text() : found.error().detail;
}

}  // namespace

TEST_CASE("an issuer's documents lie where OpenID and RFC 8414 say") {
  struct Case {
    const char *issuer, *openid, *oauth;
  };
  for (const Case& c : {
           Case{"https://a.example", "https://a.example/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server"},
           Case{"https://a.example/", "https://a.example/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server"},
           Case{"https://a.example/realms/x",
                "https://a.example/realms/x/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server/realms/x"},
       }) {
    const auto urls = token::metadata_urls(url(c.issuer));
    CHECK(urls[0].text() == c.openid);
    CHECK(urls[1].text() == c.oauth);
  }
}

TEST_CASE("a document of the issuer names its token endpoint") {
  CHECK(
      endpoint_in(R"({"issuer":"https://a.example","token_endpoint":"https://b.example/t?x=1"})") ==
      "https://b.example/t?x=1");
  CHECK(
      endpoint_in(R"({"issuer":"HTTPS://A.example:443","token_endpoint":"https://b.example/t"})") ==
      "https://b.example/t");
}

TEST_CASE("a client with a certificate is sent to the endpoint for such clients, if there is one") {
  const std::string document = R"({"issuer":"https://a.example",
      "token_endpoint":"https://a.example/t",
      "mtls_endpoint_aliases":{"token_endpoint":"https://mtls.example/t"}})";
  CHECK(endpoint_in(document, "https://a.example", true) == "https://mtls.example/t");
  CHECK(endpoint_in(document, "https://a.example", false) == "https://a.example/t");
  CHECK(endpoint_in(R"({"issuer":"https://a.example","token_endpoint":"https://a.example/t",
                        "mtls_endpoint_aliases":{}})",
                    "https://a.example", true) == "https://a.example/t");
}

TEST_CASE("an issuer may have a slash at its end, or lack the one that its document has") {
  const auto endpoint = [](const std::string& said, const std::string& set) {
    return endpoint_in(R"({"issuer":")" + said + R"(","token_endpoint":"https://a.example/t"})",
                       set);
  };
  for (const std::string issuer : {"https://a.example", "https://a.example/tenants/7"}) {
    CHECK(endpoint(issuer + "/", issuer) == "https://a.example/t");
    CHECK(endpoint(issuer, issuer + "/") == "https://a.example/t");
  }
}

TEST_CASE("a document that will not do is told apart") {
  const std::string whose = "the metadata document of the issuer https://a.example ";
  struct Case {
    const char *body, *why;
  };
  for (const Case& c : {
           Case{"<html>", "is not a JSON object"},
           Case{"[]", "is not a JSON object"},
           Case{R"({"token_endpoint":"https://a.example/t"})", "names no issuer"},
           Case{R"({"issuer":"https://evil.example","token_endpoint":"https://evil.example/t"})",
                "is another issuer's: \"https://evil.example\""},
           Case{R"({"issuer":"https://a.example//","token_endpoint":"https://a.example/t"})",
                "is another issuer's: \"https://a.example//\""},
           Case{R"({"issuer":"https://a.example/x","token_endpoint":"https://a.example/t"})",
                "is another issuer's: \"https://a.example/x\""},
           Case{"{\"issuer\":\"https://a.example\",\"token_endpoint\":\"https://\xff/t\"}",
                "is not a JSON object"},
           Case{R"({"issuer":"https://a.example"})", "names no token_endpoint"},
           Case{R"({"issuer":"https://a.example","token_endpoint":7})", "names no token_endpoint"},
           Case{R"({"issuer":"https://a.example","token_endpoint":"/t"})",
                "has a token_endpoint that is no URL: it does not start with https:// or http://"},
           Case{R"({"issuer":"https://a.example","token_endpoint":"http://a.example/t"})",
                "has a token_endpoint without TLS"},
       }) {
    CHECK(endpoint_in(c.body) == whose + c.why);
  }
}

TEST_CASE(
    "an issuer on this machine may leave TLS out for an endpoint here, not for one elsewhere") {
  const auto endpoint = [](const std::string& named, const std::string& issuer) {
    return endpoint_in(R"({"issuer":")" + issuer + R"(","token_endpoint":")" + named + "\"}",
                       issuer, false);
  };
  CHECK(endpoint("http://127.0.0.1:9/t", "http://localhost:8") == "http://127.0.0.1:9/t");
  CHECK(endpoint("https://idp.example/t", "http://localhost:8") == "https://idp.example/t");
  CHECK(
      endpoint("http://idp.example/t", "http://localhost:8") ==
      "the metadata document of the issuer http://localhost:8 has a token_endpoint without TLS on "
      "another machine");
  // That issuer was allowed with --insecure-http.
  CHECK(endpoint("http://idp.example/t", "http://a.example") == "http://idp.example/t");
}
