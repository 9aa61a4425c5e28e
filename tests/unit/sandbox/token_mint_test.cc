#include "tests/sandbox/token_mint.h"

#include <doctest/doctest.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/sandbox/encoding.h"

using namespace bearer::sandbox;
using namespace std::chrono_literals;

namespace {

const WallTime kStart(1'700'000'000s);

std::string credentials(const std::string& token) {
  return "Bearer " + token;
}

}  // namespace

TEST_CASE("a token is valid until its lifetime is over, to the millisecond") {
  for (const bool is_jwt : {true, false}) {
    CAPTURE(is_jwt);
    TokenMint mint({.is_jwt = is_jwt, .lifetime = 3s}, kStart);
    const std::string token = mint.issue("me", kStart);
    CHECK(mint.judge(credentials(token), kStart) == Verdict::valid);
    CHECK(mint.judge(credentials(token), kStart + 2999ms) == Verdict::valid);
    CHECK(mint.judge(credentials(token), kStart + 3s) == Verdict::expired);
  }
}

TEST_CASE("a revocation ends the tokens issued before it and none issued after it") {
  TokenMint mint({}, kStart);
  const std::string before = mint.issue("me", kStart);
  mint.revoke();
  const std::string after = mint.issue("me", kStart);
  CHECK(mint.judge(credentials(before), kStart) == Verdict::revoked);
  CHECK(mint.judge(credentials(after), kStart) == Verdict::valid);
  CHECK(mint.issued() == 2);
  CHECK(mint.revocations() == 1);
}

TEST_CASE("periodic revocations keep to their times, whether or not anybody asks meanwhile") {
  TokenMint mint({.revoke_every = 2s}, kStart);
  const std::string first = mint.issue("me", kStart + 1s);
  CHECK(mint.judge(credentials(first), kStart + 1999ms) == Verdict::valid);
  CHECK(mint.judge(credentials(first), kStart + 2s) == Verdict::revoked);
  const std::string second = mint.issue("me", kStart + 9s);
  CHECK(mint.judge(credentials(second), kStart + 9s) == Verdict::valid);
  CHECK(mint.revocations() == 4);
}

TEST_CASE("no token that this mint did not make is taken") {
  TokenMint mint({}, kStart);
  TokenMint other({}, kStart);
  const std::string token = mint.issue("me", kStart);
  std::string altered = token;
  altered[token.find('.') + 5] ^= 1;
  CHECK(mint.judge(credentials(other.issue("me", kStart)), kStart) == Verdict::unknown);
  CHECK(mint.judge(credentials(altered), kStart) == Verdict::unknown);
  for (const char* text : {"x", ".", "..", "a.b.c"}) {
    CHECK(mint.judge(credentials(text), kStart) == Verdict::unknown);
  }
}

TEST_CASE("only Bearer credentials are credentials, in any case and after any spaces") {
  TokenMint mint({}, kStart);
  const std::string token = mint.issue("me", kStart);
  CHECK(mint.judge("bEARER   " + token, kStart) == Verdict::valid);
  for (const std::string& field : {std::string(), std::string("Bearer"), std::string("Bearer  "),
                                   "Basic " + token, "Bearer" + token, token}) {
    CHECK(mint.judge(field, kStart) == Verdict::none);
  }
}

TEST_CASE("a JWT says in the open when it ends, an opaque token is no JWT") {
  TokenMint jwt_mint({.lifetime = 3s}, kStart);
  const std::string token = jwt_mint.issue("me", kStart);
  const std::size_t payload = token.find('.') + 1;
  const auto claims = nlohmann::json::parse(
      decode_base64url(token.substr(payload, token.rfind('.') - payload)).value());
  CHECK(claims["exp"] == 1'700'000'003);
  CHECK(claims["iat"] == 1'700'000'000);
  CHECK(claims["sub"] == "me");

  TokenMint opaque_mint({.is_jwt = false}, kStart);
  const std::string opaque = opaque_mint.issue("me", kStart);
  CHECK(std::count(opaque.begin(), opaque.end(), '.') == 1);
}
