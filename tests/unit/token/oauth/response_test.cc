#include "token/oauth/response.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

using namespace bearer;
using namespace std::chrono_literals;

namespace {

base::Result<token::TokenResponse> parse(std::string body, int status = 200,
                                         std::string content_type = "application/json",
                                         const std::vector<std::string>& attributes = {}) {
  return token::parse_response({.status = status,
                                .content_type = std::move(content_type),
                                .body = base::Secret(std::move(body)),
                                .sent = {},
                                .wall = {}},
                               attributes, {}, token::TokenUse::bearer, token::kSecretSettings);
}

/// Of an answer with that body.
std::string rotated(const std::string& body, int status = 200,
                    const token::AnswerMembers& members = {}) {
  const token::Answer answer{
      .status = status, .body = base::Secret(std::string(body)), .sent = {}, .wall = {}};
  return std::string(token::rotated_refresh_token(answer, members).reveal());
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

TEST_CASE("a response's attributes are the texts of the members that are asked for") {
  const auto attributes = [](const std::string& body, const char* member) {
    const auto response = parse(body, 200, "application/json", {member});
    REQUIRE(response.has_value());
    return response->attributes;
  };
  using Attributes = std::map<std::string, std::string>;
  const std::string said = R"({"access_token":"t","instance_url":"http://na1/x y","other":7})";
  CHECK(attributes(said, "instance_url") == Attributes{{"instance_url", "http://na1/x y"}});
  for (const char* member : {"", "other", "absent"}) CHECK(attributes(said, member).empty());
  CHECK(attributes(R"({"access_token":"t","u":"a\n\u00e9"})", "u").at("u") == "a???");
  const std::string long_one(1000, 'a');
  CHECK(attributes(R"({"access_token":"t","u":")" + long_one + "\"}", "u").at("u").size() ==
        token::kAttributeCharsMax);
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
    CHECK(response.error().fix.starts_with("check token_url"));
  }
  const auto html = parse("<html>", 200, "text/html; charset=utf-8\x1b[31m");
  REQUIRE_FALSE(html.has_value());
  CHECK(html.error().detail ==
        "the token endpoint's answer is not a JSON object (status 200, content type text/html; "
        "charset=utf-8?[31m)");
}

TEST_CASE("any 2xx with a token counts, and its rotated refresh token is taken") {
  for (const int status : {200, 201, 202, 203, 206, 299}) {
    CAPTURE(status);
    const std::string body = R"({"access_token":"a","refresh_token":"r2"})";
    const auto response = parse(body, status);
    REQUIRE(response.has_value());
    CHECK(response->access_token.reveal() == "a");
    CHECK(rotated(body, status) == "r2");
  }
  for (const int status : {300, 400, 503}) {
    CAPTURE(status);
    CHECK_FALSE(parse(R"({"access_token":"a"})", status).has_value());
  }
}

TEST_CASE("a rotated refresh token is found under the names that servers give it") {
  CHECK(rotated(R"({"accessToken":"a","refreshToken":"next"})") == "next");
  CHECK(rotated(R"({"AccessToken":"a","RefreshToken":"next"})") == "next");
  CHECK(rotated(R"({"refresh_token":"this","refreshToken":"that"})") == "this");
  CHECK(rotated(R"({"refresh_token":null,"refreshToken":"next"})") == "next");
  const token::AnswerMembers nested{.token = "data.jwt"};
  CHECK(rotated(R"({"data":{"jwt":"a","refreshToken":"next"}})", 200, nested) == "next");
  CHECK(rotated(R"({"data":{"jwt":"a","refreshtoken":"other"}})", 200, nested).empty());
  CHECK(rotated(R"({"accessToken":"a","refreshToken":7})").empty());
}

TEST_CASE("an error beside a token that is null is an error") {
  const auto response =
      parse(R"({"access_token":null,"error":"invalid_scope","error_description":"no such scope"})");
  REQUIRE_FALSE(response.has_value());
  CHECK(response.error().code == base::Errc::token_rejected);
  CHECK(response.error().detail.find("no such scope") != std::string::npos);
}

TEST_CASE("an answer without access_token says what it has, by name only") {
  const auto response = parse(R"({"accessToken":"secret","expiresIn":3600})");
  REQUIRE_FALSE(response.has_value());
  CHECK(response.error().detail ==
        "the token endpoint's answer holds no access_token (its members: accessToken, expiresIn)");
  CHECK(response.error().fix ==
        "check token_url, or set token_member where the token has another name");
}

TEST_CASE("an error that comes with status 200 is an error") {
  const auto response = parse(R"({"error":"invalid_client","error_description":"no such client"})");
  REQUIRE_FALSE(response.has_value());
  CHECK(response.error().code == base::Errc::token_rejected);
  CHECK(response.error().detail.find("no such client") != std::string::npos);
}

TEST_CASE("a 2xx that says why it has no token is quoted") {
  for (const char* body : {
           R"({"access_token":"","error":"invalid_scope","error_description":"no scope q"})",
           R"({"errors":[{"message":"no scope q"}]})",
           R"({"errors":["no scope q"]})",
           R"({"success":false,"message":"no scope q"})",
           R"({"ok":false,"msg":"no scope q","code":17})",
           R"({"status":"failure","message":"no scope q"})",
           R"({"error":{"message":"no scope q"},"access_token":""})",
           R"({"error":true,"message":"no scope q","access_token":null})",
       }) {
    CAPTURE(body);
    const auto response = parse(body);
    REQUIRE_FALSE(response.has_value());
    CHECK(response.error().detail.find("(no scope q)") != std::string::npos);
    CHECK(response.error().fix.find("scope") != std::string::npos);
  }
  CHECK(parse(R"({"success":false,"message":"too many requests"})").error().code ==
        base::Errc::token_rate_limited);
  // None of these is a failure by itself.
  for (const char* body : {R"({"error":null})", R"({"error":""})", R"({"errors":[]})",
                           R"({"success":true,"status":"active"})"}) {
    CAPTURE(body);
    CHECK(parse(body).error().detail.find("holds no access_token") != std::string::npos);
  }
  for (const char* body : {R"({"access_token":"a","errors":["x"]})",
                           R"({"access_token":"a","success":false,"error":"x"})"}) {
    CAPTURE(body);
    CHECK(parse(body).has_value());
  }
}

TEST_CASE("an object that stands alone in a list is the answer") {
  const std::string list = R"([ {"access_token":"a","refresh_token":"next"} ])";
  CHECK(parse(list)->access_token.reveal() == "a");
  CHECK(rotated(list) == "next");
  for (const char* body :
       {"[]", "[[]]", R"(["a"])", R"([{"access_token":"a"},{"access_token":"b"}])"}) {
    CAPTURE(body);
    CHECK(parse(body).error().detail.find("is not a JSON object") != std::string::npos);
  }
}

TEST_CASE("an answer with bytes that are not UTF-8 is read, also its refresh token") {
  for (const std::string name : {"M\xfcller", "\xe9\xe8", "\xc3\xbc and \xff", "\xc3"}) {
    const std::string body =
        R"({"access_token":"a","refresh_token":"next","name":")" + name + "\"}";
    for (const std::string mark : {"", "\xef\xbb\xbf"}) {
      const auto response = parse(mark + body);
      REQUIRE(response.has_value());
      CHECK(response->access_token.reveal() == "a");
      CHECK(rotated(mark + body) == "next");
    }
  }
  CHECK_FALSE(parse("{\"access_token\":\"a\xfc\"}").has_value());
  CHECK_FALSE(parse("{\"access_token\":\"a\",\"name\":\"\xfc\"").has_value());
  CHECK_FALSE(parse("\xfc").has_value());
  CHECK(parse("{\"error\":\"invalid_client\",\"error_description\":\"gesch\xfctzt\"}", 400)
            .error()
            .code == base::Errc::token_rejected);
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
  const auto printed =
      token::parse_token(base::Secret(std::string(deep)), {}, {"the command", "mend"});
  REQUIRE(printed.has_error());
  CHECK(printed.error().detail == "the command is JSON that nests more than 64 levels deep");
  CHECK(parse(deep, 400).error().code == base::Errc::token_malformed);
}
