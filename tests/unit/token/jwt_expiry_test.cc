#include "token/jwt_expiry.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "base/encoding.h"

using namespace bearer;

namespace {

std::string jwt(const std::string& claims) {
  return base::base64url_encode(R"({"alg":"none"})") + "." + base::base64url_encode(claims) +
         ".c2ln";
}

std::optional<double> seconds(std::string_view token) {
  const auto expiry = token::jwt_expiry(token);
  if (!expiry) return std::nullopt;
  return std::chrono::duration<double>(expiry->time_since_epoch()).count();
}

}  // namespace

TEST_CASE("a JWT's exp is read as an integer or a decimal") {
  CHECK(seconds(jwt(R"({"exp":1700000000})")) == 1'700'000'000.0);
  CHECK(seconds(jwt(R"({"iss":"x","exp":1700000000.5,"aud":["y"]})")) == 1'700'000'000.5);
  CHECK(seconds(jwt(R"({"exp":1.7e9})")) == 1'700'000'000.0);
  CHECK(seconds(jwt(R"({"exp":0})")) == 0.0);
}

TEST_CASE("a JWT's exp is read as a string of an integer, too") {
  CHECK(seconds(jwt(R"({"exp":"1800000123"})")) == 1'800'000'123.0);
  CHECK(seconds(jwt(R"({"exp":"18446744073709551615"})")) == 9e9);
}

TEST_CASE("an exp beyond what a clock can hold is held to its end") {
  CHECK(seconds(jwt(R"({"exp":1e300})")) == 9e9);
  CHECK(seconds(jwt(R"({"exp":18446744073709551615})")) == 9e9);
  CHECK(seconds(jwt(R"({"exp":-5})")) == 0.0);
}

TEST_CASE("a JWT's expiry is read whatever its padding is") {
  for (const char* claims : {R"({"exp":1700000000})", R"({"exp":1700000000 })",
                             R"({"exp":1700000000  })", R"({"exp":1700000000   })"}) {
    const std::string payload = base::base64url_encode(claims);
    for (const char* padding : {"", "=", "==", "==="}) {
      CAPTURE(claims);
      CAPTURE(padding);
      CHECK(seconds("e30." + payload + padding + ".c2ln") == 1'700'000'000.0);
    }
  }
}

TEST_CASE("an unsigned JWT is a JWT") {
  CHECK(seconds("e30.eyJleHAiOjV9.") == 5.0);
}

TEST_CASE("what is not a JWT with a numeric exp says nothing") {
  const std::string good = jwt(R"({"exp":1700000000})");
  for (const std::string& token : {std::string(),
                                   std::string("opaque"),
                                   std::string(".."),
                                   std::string("a.b"),
                                   good + ".d",
                                   std::string("e30.!!!.c2ln"),
                                   "!" + good,
                                   good + "!",
                                   std::string(".eyJleHAiOjV9.c2ln"),
                                   jwt("not json"),
                                   jwt("[1700000000]"),
                                   jwt("{}"),
                                   jwt(R"({"exp":"1700000000.5"})"),
                                   jwt(R"({"exp":"soon"})"),
                                   jwt(R"({"exp":""})"),
                                   jwt(R"({"exp":"-5"})"),
                                   jwt(R"({"exp":null})"),
                                   jwt(R"({"exp":true})"),
                                   jwt(R"({"EXP":5})"),
                                   jwt(R"({"exp":1e400})"),
                                   jwt(R"({"exp":5)"),
                                   jwt(std::string(5000, '['))}) {
    CAPTURE(token);
    CHECK_FALSE(token::jwt_expiry(token));
  }
}
