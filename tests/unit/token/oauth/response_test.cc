#include "token/oauth/response.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "token/expiry.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

base::Result<token::TokenResponse> parse(std::string body, int status = 200,
                                         std::string content_type = "application/json") {
  return token::parse_response({.status = status,
                                .content_type = std::move(content_type),
                                .body = base::Secret(std::move(body)),
                                .sent = {},
                                .wall = {}});
}

}  // namespace

TEST_CASE("a token response gives token, life and scope") {
  const auto response = parse(
      R"({"access_token":"abc.DEF-_~+/=","token_type":"bearer","expires_in":3600,"scope":"a b"})");
  REQUIRE(response.has_value());
  CHECK(response->access_token.reveal() == "abc.DEF-_~+/=");
  CHECK(response->expires_in == 3600s);
  CHECK(response->scope == "a b");
}

TEST_CASE("a response's upstream is in the member that is asked for, as it stands there") {
  const auto upstream = [](const std::string& body, const char* member) {
    const auto response = token::parse_response({.status = 200,
                                                 .content_type = "application/json",
                                                 .body = base::Secret(std::string(body)),
                                                 .sent = {},
                                                 .wall = {}},
                                                member);
    REQUIRE(response.has_value());
    return response->upstream;
  };
  const std::string said = R"({"access_token":"t","instance_url":"http://na1/x y","other":7})";
  CHECK(upstream(said, "instance_url") == "http://na1/x y");
  for (const char* member : {"", "other", "absent"}) CHECK(upstream(said, member) == "");
  CHECK(upstream(R"({"access_token":"t","u":"a\n\u00e9"})", "u") == "a???");
  const std::string long_one(1000, 'a');
  CHECK(upstream(R"({"access_token":"t","u":")" + long_one + "\"}", "u").size() ==
        token::kUpstreamCharsMax);
}

TEST_CASE("expires_in is a number or a string of one, and nothing if it says nothing") {
  struct Case {
    const char* json;
    std::optional<base::Duration> expires_in;
  };
  const Case cases[] = {
      {"3600", 3600s},
      {"\"3600\"", 3600s},
      {"\" 3600 \"", 3600s},
      {"3599.5", 3599500ms},
      {"\"0.25\"", 250ms},
      {"1e300", token::kLifetimeMax},
      {"\"1e300\"", token::kLifetimeMax},
      {"18446744073709551615", token::kLifetimeMax},
      {"0", {}},
      {"-0.0", {}},
      {"null", {}},
      {"true", {}},
      {"\"abc\"", {}},
      {"\"\"", {}},
      {"\"3600s\"", {}},
      {"\"nan\"", {}},
      {"[3600]", {}},
      {"{}", {}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.json);
    const auto response = parse(R"({"access_token":"a","expires_in":)" + std::string(c.json) + "}");
    REQUIRE(response.has_value());
    CHECK(response->expires_in == c.expires_in);
  }
  CHECK_FALSE(parse(R"({"access_token":"a"})")->expires_in);
}

TEST_CASE("a token that has ended already is refused, and does not last an hour") {
  for (const char* seconds : {"-1", "-0.5", "\"-3600\"", "-1e300"}) {
    CAPTURE(seconds);
    const auto response =
        parse(R"({"access_token":"hush","expires_in":)" + std::string(seconds) + "}");
    REQUIRE_FALSE(response.has_value());
    CHECK(response.error().code == base::Errc::token_malformed);
    CHECK(response.error().detail ==
          "the token endpoint's answer says that its token has ended already (expires_in is "
          "negative)");
  }
}

TEST_CASE("a token_type is Bearer in any case, or not given") {
  for (const char* type : {"Bearer", "bearer", "BEARER", "bEaReR", ""}) {
    CAPTURE(type);
    CHECK(parse(R"({"access_token":"a","token_type":")" + std::string(type) + "\"}").has_value());
  }
  CHECK(parse(R"({"access_token":"a"})").has_value());
  for (const char* type : {"mac", "DPoP", "Bearer ", "Basic"}) {
    CAPTURE(type);
    const auto response =
        parse(R"({"access_token":"a","token_type":")" + std::string(type) + "\"}");
    REQUIRE_FALSE(response.has_value());
    CHECK(response.error().code == base::Errc::token_malformed);
    CHECK(response.error().detail.find(type) != std::string::npos);
  }
}

TEST_CASE("a token that could not be written into a head is refused and never shown") {
  for (const char* value : {"se cret", "sec\\r\\nret", "secret\\u0000", "secrét", "=", "==", "a=b",
                            "\\\"secret\\\"", "secret,secret"}) {
    CAPTURE(value);
    const auto response = parse(R"({"access_token":")" + std::string(value) + "\"}");
    REQUIRE_FALSE(response.has_value());
    CHECK(response.error().code == base::Errc::token_malformed);
    CHECK(response.error().detail.find("secr") == std::string::npos);
  }
}

TEST_CASE("a token of 16 KiB is taken, one of a byte more is not") {
  const std::string longest(token::kTokenBytesMax, 'x');
  CHECK(parse(R"({"access_token":")" + longest + "\"}").has_value());
  const auto response = parse(R"({"access_token":"x)" + longest + "\"}");
  REQUIRE_FALSE(response.has_value());
  CHECK(response.error().detail.find("16 KiB") != std::string::npos);
}

TEST_CASE("an answer that is no token response is malformed, and its body is never shown") {
  for (const std::string& body :
       {std::string("<html>secret</html>"), std::string(), std::string("secret"),
        std::string("[\"secret\"]"), std::string("\"secret\""), std::string("null"),
        std::string(R"({"access_token":"secret")"), std::string(R"({"token":"secret"})"),
        std::string(R"({"access_token":""})"), std::string(R"({"access_token":5})"),
        std::string(R"({"access_token":null,"x":"secret"})"), std::string(200'000, '[')}) {
    CAPTURE(body.substr(0, 100));
    const auto response = parse(body, 200, "text/html");
    REQUIRE_FALSE(response.has_value());
    CHECK(response.error().code == base::Errc::token_malformed);
    CHECK(response.error().detail.find("secret") == std::string::npos);
    CHECK(response.error().fix == "check token_url");
  }
  const auto html = parse("<html>", 200, "text/html; charset=utf-8\x1b[31m");
  REQUIRE_FALSE(html.has_value());
  CHECK(html.error().detail ==
        "the token endpoint's answer is not a JSON object (status 200, content type text/html; "
        "charset=utf-8?[31m)");
}

TEST_CASE("an error that comes with status 200 is an error") {
  const auto response = parse(R"({"error":"invalid_client","error_description":"no such client"})");
  REQUIRE_FALSE(response.has_value());
  CHECK(response.error().code == base::Errc::token_rejected);
  CHECK(response.error().detail.find("no such client") != std::string::npos);
}

TEST_CASE("a scope is shown without control characters") {
  CHECK(parse(R"({"access_token":"a","scope":"x\u001b[2Jy"})")->scope == "x?[2Jy");
  CHECK(parse(R"({"access_token":"a","scope":["x"]})")->scope.empty());
}

TEST_CASE("an answer that nests without end is malformed, and its error says so") {
  const std::string deep = "{\"access_token\":" + std::string(65, '[') + std::string(65, ']') + "}";
  const auto answer = parse(deep);
  REQUIRE(answer.has_error());
  CHECK(answer.error().code == base::Errc::token_malformed);
  CHECK(answer.error().detail ==
        "the token endpoint's answer is JSON that nests more than 64 levels deep");
  const auto printed = token::parse_token(base::Secret(std::string(deep)), {"the command", "mend"});
  REQUIRE(printed.has_error());
  CHECK(printed.error().detail == "the command is JSON that nests more than 64 levels deep");
  CHECK(parse(deep, 400).error().code == base::Errc::token_malformed);
}
