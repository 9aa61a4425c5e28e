#include "relay/replies/stub_token.h"

#include <doctest/doctest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/encoding.h"

using namespace bearer;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

const base::WallTime kNow{1'700'000'123s + 600ms};
constexpr std::int64_t kYear = std::int64_t{365} * 24 * 3600;

std::vector<std::string> parts_of(const std::string& jwt) {
  std::vector<std::string> parts;
  for (std::size_t from = 0, dot = 0; dot != std::string::npos; from = dot + 1) {
    dot = jwt.find('.', from);
    parts.push_back(jwt.substr(from, dot - from));
  }
  return parts;
}

Json decoded(const std::string& part) {
  return Json::parse(base::base64url_decode(part).value());
}

}  // namespace

TEST_CASE("a placeholder is a token endpoint's answer, good for a year") {
  const relay::LocalReply reply = relay::stub_token(kNow);
  CHECK(reply.status == 200);
  const Json answer = Json::parse(reply.json);
  CHECK(answer.at("token_type") == "bearer");
  CHECK(answer.at("expires_in") == kYear);
  CHECK(answer.at("access_token").is_string());
  CHECK(answer.size() == 3);
}

TEST_CASE("a placeholder is a JWT in shape, and ends when its answer says") {
  const std::string jwt = Json::parse(relay::stub_token(kNow).json).at("access_token");
  const std::vector<std::string> parts = parts_of(jwt);
  REQUIRE(parts.size() == 3);
  CHECK(jwt.find_first_of("=+/") == std::string::npos);
  CHECK(decoded(parts[0]) == Json{{"alg", "HS256"}, {"typ", "JWT"}});
  const Json claims = decoded(parts[1]);
  CHECK(claims.at("iat") == 1'700'000'123);
  CHECK(claims.at("exp") == 1'700'000'123 + kYear);
}

TEST_CASE("a placeholder's signature has the length of no HMAC, so that no key makes it valid") {
  const std::string jwt = Json::parse(relay::stub_token(kNow).json).at("access_token");
  const std::string signature = base::base64url_decode(parts_of(jwt).at(2)).value();
  CHECK_FALSE(signature.empty());
  for (const std::size_t length : {20u, 28u, 32u, 48u, 64u}) CHECK(signature.size() != length);
}
