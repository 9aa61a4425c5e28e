#include "token/answer_members.h"

#include <doctest/doctest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "token/token_response.h"

using namespace bearer;
using namespace std::chrono_literals;
using token::AnswerMembers;

namespace {

base::Result<token::TokenResponse> read(const std::string& text, const AnswerMembers& members) {
  nlohmann::json body = nlohmann::json::parse(text);
  return token::read_token(body, members, {"the answer", "check url"}, token::TokenUse::bearer);
}

std::string failure(const std::string& text, const AnswerMembers& members) {
  const auto response = read(text, members);
  return response ? "none" : response.error().sentence();
}

}  // namespace

TEST_CASE("a token is found under any name, nested and with dots in its name, too") {
  struct Case {
    const char *body, *path;
  };
  for (const Case& c :
       {Case{R"({"key": "t0k"})", "key"},
        Case{R"({"data": {"session": {"id": "t0k"}}})", "data.session.id"},
        Case{R"({"a.b": "t0k"})", "a.b"}, Case{R"({"x": {"a.b": {"c": "t0k"}}})", "x.a.b.c"},
        Case{R"({"access_token": "other", "id_token": "t0k"})", "id_token"}}) {
    CAPTURE(c.path);
    const auto response = read(c.body, {.token = c.path});
    REQUIRE(response.has_value());
    CHECK(response->access_token.reveal() == "t0k");
  }
}

TEST_CASE("what stands beside a nested token is its lifetime") {
  const auto response = read(R"({"expires_in": 5, "data": {"token": "t", "expires_in": 90}})",
                             {.token = "data.token"});
  REQUIRE(response.has_value());
  CHECK(response->expires_in == 90s);
}

TEST_CASE("the member that says the end may be a lifetime or a moment, anywhere") {
  const auto seconds =
      read(R"({"t": "x", "meta": {"ttl": "1800"}})", {.token = "t", .expiry = "meta.ttl"});
  REQUIRE(seconds.has_value());
  CHECK(seconds->expires_in == 1800s);

  const auto moment = read(R"({"token": "x", "until": "2031-05-04T03:02:01Z"})",
                           {.token = "token", .expiry = "until"});
  REQUIRE(moment.has_value());
  CHECK_FALSE(moment->expires_in.has_value());
  REQUIRE(moment->expires_at.has_value());
  CHECK(std::chrono::floor<std::chrono::days>(*moment->expires_at) ==
        std::chrono::sys_days{std::chrono::year{2031} / 5 / 4});

  // The usual one beside it is not meant.
  const auto both = read(R"({"token": "x", "expires_in": 3, "lifetime": 700})",
                         {.token = "token", .expiry = "lifetime"});
  REQUIRE(both.has_value());
  CHECK(both->expires_in == 700s);
}

TEST_CASE("a path that leads to no value says what is there, and never a value") {
  CHECK(failure(R"({"data": {"token": "s3cret", "kind": "x"}})", {.token = "data"}) ==
        "the answer holds an object under data (its members: kind, token), and not a value: check "
        "url and token_member");
  CHECK(failure(R"({"id_token": "s3cret"})", {.token = "jwt.token"}) ==
        "the answer holds no jwt.token (its members: id_token): check url and token_member");
  CHECK(failure(R"({"t": ["s3cret"]})", {.token = "t"}) ==
        "the answer holds an array under t, and not a value: check url and token_member");
  CHECK(failure(R"({"t": 17})", {.token = "t"}) ==
        "the answer holds no text under t: check url and token_member");
  CHECK(failure(R"({"t": "x", "end": {"in": 1}})", {.token = "t", .expiry = "end"}) ==
        "the answer holds an object under end (its members: in), and not a value: check "
        "url and expiry_member");
}

TEST_CASE("a lifetime that is not where it should be is told, and the token is taken") {
  const auto response = read(R"({"token": "s3cret", "ttl": 60, "expires_in": 40})",
                             {.token = "token", .expiry = "lifetime"});
  REQUIRE(response.has_value());
  CHECK(response->expires_in == 40s);  // what stands beside the token counts
  CHECK(response->remark ==
        "the answer holds no lifetime (its members: expires_in, token, ttl): check expiry_member");
  const auto there = read(R"({"token": "s3cret", "ttl": 60})", {.token = "token", .expiry = "ttl"});
  REQUIRE(there.has_value());
  CHECK(there->remark == "");
}

TEST_CASE("a program that says why it has no token is quoted, within bounds") {
  CHECK(failure(R"({"version": 1, "success": false, "code": "401", "message": "not\nfor you"})",
                {.token = "id_token"}) == "the answer says: not?for you: check url");
  const std::string said = failure(
      R"({"success": false, "message": ")" + std::string(5000, 'x') + R"("})", {.token = "t"});
  CHECK(said.size() < 300);
  CHECK(failure(R"({"success": true, "message": "m"})", {.token = "t"}).find("holds no t") !=
        std::string::npos);
}

TEST_CASE("a token with a blank is refused under any name") {
  CHECK(failure(R"({"t": "a b"})", {.token = "t"}).find("cannot be sent") != std::string::npos);
}

TEST_CASE("text alone is a token whatever members are named, and JSON is looked into") {
  const token::Wording wording{"the file", "check file"};
  const auto parse = [&](const std::string& text, const AnswerMembers& members) {
    const auto response = token::parse_token(base::Secret(std::string(text)), members, wording);
    return response ? std::string(response->access_token.reveal()) : response.error().sentence();
  };
  CHECK(parse("a.b.c\n", {.token = "."}) == "a.b.c");
  CHECK(parse(R"({"value": "v4l"})", {.token = "value"}) == "v4l");
  CHECK(parse(R"({"other": "v4l"})", {.token = "value"}) ==
        "the file holds no value (its members: other): check file and token_member");
}
