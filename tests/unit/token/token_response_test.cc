#include "token/token_response.h"

#include <doctest/doctest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

using namespace bearer;
using namespace std::chrono_literals;

namespace {

const token::Wording kIt{"the answer", "check it"};

base::Result<token::TokenResponse> parse(const std::string& text) {
  auto body = nlohmann::json::parse(text);
  return token::read_token(body, {}, kIt, token::TokenUse::bearer);
}

base::Result<token::TokenResponse> printed(const std::string& text) {
  return token::parse_token(base::Secret(std::string(text)), {}, kIt);
}

}  // namespace

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
      {"1500000000", token::kLifetimeMax},
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

TEST_CASE("a lifetime below 0 is no lifetime, and kept in mind") {
  for (const char* seconds : {"-1", "-0.5", "\"-3600\"", "-1e300"}) {
    CAPTURE(seconds);
    const auto response =
        parse(R"({"access_token":"hush","expires_in":)" + std::string(seconds) + "}");
    REQUIRE(response.has_value());
    CHECK_FALSE(response->expires_in);
    CHECK(response->lifetime_is_negative);
    CHECK(response->lifetime_is_zero);
  }
  CHECK_FALSE(parse(R"({"access_token":"a","expires_in":0})")->lifetime_is_negative);
  CHECK_FALSE(
      parse(R"({"access_token":"a","expires_in":-1,"expires_at":1767225600})")->lifetime_is_zero);
}

TEST_CASE("a scheme before a token and white space around it are no part of it") {
  for (const char* value : {"Bearer abc.DEF", "bearer   abc.DEF", "BEARER\\tabc.DEF", " abc.DEF",
                            "abc.DEF\\n", "  Bearer abc.DEF \\r\\n"}) {
    CAPTURE(value);
    const auto response = parse(R"({"access_token":")" + std::string(value) + "\"}");
    REQUIRE(response.has_value());
    CHECK(response->access_token.reveal() == "abc.DEF");
  }
  CHECK(parse(R"({"access_token":"JWT abc","token_type":"JWT"})")->access_token.reveal() == "abc");
  CHECK(parse(R"({"access_token":"Bearer"})")->access_token.reveal() == "Bearer");
  CHECK(parse(R"({"access_token":"Bearerabc"})")->access_token.reveal() == "Bearerabc");
  for (const char* value : {"JWT abc", "Bearer a b", "Basic abc", "Bearer Basic abc", " "}) {
    CAPTURE(value);
    CHECK_FALSE(parse(R"({"access_token":")" + std::string(value) + "\"}").has_value());
  }
}

TEST_CASE("a token is taken out of a field, or of a program's own words for it") {
  for (const char* text : {"Bearer abc", "Authorization: Bearer abc\n", "authorization:bearer abc",
                           "IAM token:  Bearer abc\r\n", R"("Bearer abc")",
                           R"([{"access_token":"Bearer abc"}])", R"([{"token":"abc"}])"}) {
    CAPTURE(text);
    const auto read = printed(text);
    REQUIRE(read.has_value());
    CHECK(read->access_token.reveal() == "abc");
  }
  CHECK(printed("abc:def")->access_token.reveal() == "abc:def");
  for (const char* text :
       {"Error: denied", "Authorization: Basic abc", "{x}: Bearer abc", "Error: Bearer token ended",
        "IAM token: Bearer a\nUAA token: Bearer b", R"([{"token":"abc"},{"token":"def"}])"}) {
    CAPTURE(text);
    CHECK_FALSE(printed(text).has_value());
  }
}

TEST_CASE("a lifetime that can only be an epoch is one") {
  struct Case {
    const char* json;
    std::chrono::seconds ends;
  };
  for (const Case& c : {Case{"1767225600", 1767225600s}, Case{"1767225600000", 1767225600s},
                        Case{"\"1767225600\"", 1767225600s}, Case{"1e300", 9000000000s},
                        Case{"18446744073709551615", 9000000000s}}) {
    CAPTURE(c.json);
    const auto response = parse(R"({"access_token":"a","expires_in":)" + std::string(c.json) + "}");
    REQUIRE(response.has_value());
    CHECK_FALSE(response->expires_in);
    CHECK(response->expires_at == base::WallTime(c.ends));
  }
}

TEST_CASE("where expires_in says nothing the end is read from its kin") {
  const base::WallTime end{1767225600s};
  for (const char* member : {R"("expires_at":1767225600)",
                             R"("expires_at":"2026-01-01T00:00:00Z")",
                             R"("expires_on":"1767225600")",
                             R"("expires_on":1767225600000)",
                             R"("expiresOn":"2026-01-01 00:00:00","expires_on":1767225600)",
                             R"("expirationTimestamp":"2026-01-01T00:00:00Z")",
                             R"("expires_in":0,"expires_at":1767225600)",
                             R"("expires_in":null,"expires_at":1767225600)",
                             R"("expires_at":"soon","expires_on":1767225600)",
                             R"("expiration":"2026-01-01T01:00:00+01:00")",
                             R"("expires_on":"2026-01-01 00:00:00")",
                             R"("expiresAt":"2026-01-01T00:00:00")",
                             R"(".expires":"Thu, 01 Jan 2026 00:00:00 GMT")",
                             R"("expires":"Thursday, 01-Jan-26 00:00:00 GMT")",
                             R"("expiry":"2026-01-01T02:00:00.000000000+02:00")",
                             R"("expiry":"2026-01-01T00:00:00Z")",
                             R"("ExpiresOn":"2026-01-01T00:00:00+00:00")",
                             R"("ExpiresOn":"2026-01-01T00:00:00")",
                             R"("ExpiresOn":"\/Date(1767225600000)\/")",
                             R"("expireTime":"2026-01-01T00:00:00Z")",
                             R"("Expiration":"2026-01-01T00:00:00Z")",
                             R"("Expiration":1767225600)",
                             R"("expires":1767225600)",
                             R"("expires":"1767225600000")",
                             R"("exp":1767225600)",
                             R"("expiry_date":1767225600000)",
                             R"("validTo":"2026-01-01T00:00:00Z")",
                             R"("valid_until":"2026-01-01 00:00:00")",
                             R"("expires_in":"2026-01-01T00:00:00Z")",
                             R"("expires":"never","token_expiry":"2026-01-01T00:00:00Z")"}) {
    CAPTURE(member);
    const auto response = parse(R"({"access_token":"a",)" + std::string(member) + "}");
    REQUIRE(response.has_value());
    CHECK(response->expires_at == end);
  }
  CHECK(parse(R"({"access_token":"a","expires_at":"2026-01-01T00:00:00.25Z"})")->expires_at ==
        end + 250ms);
  CHECK(parse(R"({"access_token":"a","expiresOn":"2026-01-01 01:00:00+01:00"})")->expires_at ==
        end);
  CHECK(parse(R"({"access_token":"a","expiresIn":60})")->expires_in == 60s);
  for (const char* member :
       {R"("expires_at":3600)", R"("expiresOn":"2026-01-01 00:00:00.000000")",
        R"(".expires":"Thu, 01 Jan 1970 00:01:00 GMT")", R"("expires":"never")",
        R"("expiry":"0001-01-01T00:00:00Z")", R"("expires":3600)", R"("ExpiresOn":"/Date(x)/")",
        R"("exp":7200)", R"("ExpiresOn":"/Date()/")", R"("ExpiresOn":"/Date(/")",
        R"("expires_at":"2026-02-30T00:00:00")", R"("expires_in":60,"expires_at":1767225600)",
        R"("expires_at":{})"}) {
    CAPTURE(member);
    CHECK_FALSE(parse(R"({"access_token":"a",)" + std::string(member) + "}")->expires_at);
  }
}

TEST_CASE("a lifetime is read under the names that servers give it") {
  for (const char* name :
       {"expires_in", "expiresIn", "ExpiresIn", "expire_in", "expires_in_seconds",
        "expiresInSeconds", "lease_duration", "expires", "expire", "expiration", "expiry"}) {
    CAPTURE(name);
    for (const char* value : {"5400", "\"5400\"", "5400.0"}) {
      CAPTURE(value);
      const auto response =
          parse("{\"access_token\":\"a\",\"" + std::string(name) + "\":" + value + "}");
      REQUIRE(response.has_value());
      CHECK(response->expires_in == 5400s);
      CHECK_FALSE(response->expires_at);
    }
  }
  for (const char* value : {"0", "-5", "null", "\"\"", "true", "{}"}) {
    CAPTURE(value);
    CHECK_FALSE(parse(R"({"access_token":"a","expires":)" + std::string(value) + "}")->expires_in);
  }
}

TEST_CASE("a lifetime of more than a day whose unit is not known is taken for milliseconds") {
  const auto lifetime = [](const std::string& member) {
    return parse(R"({"access_token":"a",)" + member + "}")->expires_in;
  };
  CHECK(lifetime(R"("expires":900000)") == 900s);
  CHECK(lifetime(R"("expires":86400)") == 86400s);
  CHECK(lifetime(R"("expires":"86401")") == 86401ms);
  CHECK(lifetime(R"("expires_in":900000)") == 900000s);
}

TEST_CASE("an answer that has no token is quoted, and names the setting") {
  const auto failed = [](const std::string& text) { return printed(text).error().sentence(); };
  CHECK(failed(R"({"value":"hush","count":3})") ==
        "the answer holds no access_token (its members: count, value): check it, or set "
        "token_member where the token has another name");
  CHECK(failed(R"({"error":"invalid_grant","error_description":"no\nsuch user"})")
            .find("(its members: error, error_description) and says: no?such user: check it") !=
        std::string::npos);
  CHECK(failed(R"({"message":")" + std::string(900, 'm') + "\"}").size() < 400);
}

TEST_CASE("an end in the far future is one that can be counted to") {
  for (const char* end : {"9999-12-31T23:59:59", "Fri, 31 Dec 9999 23:59:59 GMT"}) {
    CAPTURE(end);
    const auto response = parse(R"({"access_token":"a","expires_at":")" + std::string(end) + "\"}");
    REQUIRE(response.has_value());
    REQUIRE(response->expires_at.has_value());
    CHECK(*response->expires_at > base::WallTime(std::chrono::years(200)));
  }
}

TEST_CASE("every token_type is taken but those of a token that is bound to a key") {
  for (const char* type : {"Bearer", "bearer", "BEARER", "bEaReR", "", "Bearer ", "BearerToken",
                           "JWT", "Application Access Token", "jwt-bearer", "Basic", "N_A"}) {
    CAPTURE(type);
    CHECK(parse(R"({"access_token":"a","token_type":")" + std::string(type) + "\"}").has_value());
  }
  CHECK(parse(R"({"access_token":"a","token_type":null})").has_value());
  for (const char* type : {"mac", "DPoP", "dpop ", "pop", "PoP"}) {
    CAPTURE(type);
    const auto response =
        parse(R"({"access_token":"a","token_type":")" + std::string(type) + "\"}");
    REQUIRE_FALSE(response.has_value());
    CHECK(response.error().code == base::Errc::token_malformed);
    CHECK(response.error().detail.find(type) != std::string::npos);
  }
}

TEST_CASE("tokens in the shapes of their providers are taken as they are") {
  for (const char* token : {"abc.DEF-_~+/=", "00Dzz0000000abc!AQcAQx.y_z", "Atza|IwEBxyz-_",
                            "v^1.1#i^1#p^3#t^H4sIAAAA==", "123456|abc-_x", "perm:YQ==.Yg==.c3",
                            "ya29.a0Af_-", "a=b", "secret,secret", "="}) {
    CAPTURE(token);
    CHECK(parse(R"({"access_token":")" + std::string(token) + "\"}")->access_token.reveal() ==
          token);
    CHECK(printed(token)->access_token.reveal() == token);
  }
}

TEST_CASE("a token that could not be written into a head is refused and never shown") {
  for (const char* value : {"se cret", "sec\\r\\nret", "secret\\u0000", "secrét", "sec\\tret",
                            "secret\\u007f", "\\u000bsecret"}) {
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

TEST_CASE("a command's and a file's JSON is read leniently") {
  for (const char* text :
       {"tok", " tok\r\n", R"({"access_token":"tok"})", R"({"accessToken":"tok"})",
        R"({"AccessToken":"tok"})", R"({"token":"tok"})", R"({"Token":"tok","Type":"Bearer"})",
        R"({"kind":"ExecCredential","status":{"token":"tok"}})", R"("tok")",
        "\xef\xbb\xbf{\"token\":\"tok\"}"}) {
    CAPTURE(text);
    const auto read = printed(text);
    REQUIRE(read.has_value());
    CHECK(read->access_token.reveal() == "tok");
  }
  CHECK(printed(R"({"AccessToken":"tok","ExpiresIn":77})")->expires_in == 77s);
  const auto kubectl =
      printed(R"({"status":{"token":"tok","expirationTimestamp":"2026-01-01T00:00:00Z"}})");
  REQUIRE(kubectl.has_value());
  CHECK(kubectl->expires_at == base::WallTime(1767225600s));
  CHECK(printed(R"({"access_token":"a","token":"b","status":{"token":"c"}})")
            ->access_token.reveal() == "a");
  for (const char* text :
       {"", "{", "{}", R"({"token":5})", R"({"status":{}})", R"({"status":"ok"})", "two words",
        "\"", R"("two words")", "[\"tok\"]"}) {
    CAPTURE(text);
    CHECK_FALSE(printed(text).has_value());
  }
}

TEST_CASE("a token that is to be bound must say so") {
  const auto parse_as = [](std::string_view type, token::TokenUse use) {
    nlohmann::json body = nlohmann::json::parse(R"({"access_token":"a"})");
    if (!type.empty()) body["token_type"] = type;
    return token::read_token(body, {}, {"the answer", "check token_url", true}, use);
  };
  CHECK(parse_as("DPoP", token::TokenUse::dpop).has_value());
  CHECK(parse_as("dpop", token::TokenUse::dpop).has_value());
  for (const char* unbound : {"Bearer", "bearer", "mac", ""}) {
    CAPTURE(unbound);
    const auto refused = parse_as(unbound, token::TokenUse::dpop);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == base::Errc::token_malformed);
    CHECK(refused.error().detail.find("did not bind") != std::string::npos);
    CHECK(refused.error().fix.find("dpop to false") != std::string::npos);
  }
  const auto refused = parse_as("DPoP", token::TokenUse::bearer);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().fix.find("--dpop") != std::string::npos);
}
