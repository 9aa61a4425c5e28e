// The bytes as a token, as a JWT's claims, as a key, and as what an assertion says.
#include <charconv>
#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/encoding.h"
#include "base/utf8.h"
#include "tests/fuzz/target.h"
#include "tests/support/test_keys.h"
#include "token/jwt_expiry.h"
#include "token/oauth/assertion.h"
#include "token/oauth/jwk.h"
#include "token/oauth/signing_key.h"

namespace bearer::fuzz {
namespace {

using nlohmann::json;
using token::JwsAlgorithm;

constexpr base::WallTime kNow{std::chrono::seconds(1'767'225'600)};  // 2026-01-01

void check_encoding(std::string_view bytes) {
  const std::string text = base::base64url_encode(bytes);
  check(base::base64url_decode(text) == bytes, "what is encoded is decoded");
  const auto decoded = base::base64url_decode(bytes);
  if (!decoded) return;
  check(base::base64url_decode(base::base64url_encode(*decoded)) == decoded,
        "what is decoded is encoded");
}

/// A number, or an integer in a string, as some issuers write it.
std::optional<double> exp_of(const json& claims) {
  if (!claims.is_object() || !claims.contains("exp")) return std::nullopt;
  const json& exp = claims["exp"];
  if (exp.is_number()) return exp.get<double>();
  if (!exp.is_string()) return std::nullopt;
  const auto& text = exp.get_ref<const std::string&>();
  std::uint64_t integer = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(static_cast<double>(integer)) : std::nullopt;
}

/// Two ways to a claim.
void check_expiry(std::string_view claims) {
  const std::string token = "e30." + base::base64url_encode(claims) + ".c2ln";
  const auto expiry = token::jwt_expiry(token);
  const json read = json::parse(claims, nullptr, /*allow_exceptions=*/false);
  const std::optional<double> exp = exp_of(read);
  check(expiry.has_value() == exp.has_value(), "a token that has an exp ends then");
  if (!expiry) return;
  const double seconds = *exp;
  const double told = std::chrono::duration<double>(expiry->time_since_epoch()).count();
  const bool in_range = seconds >= 0 && seconds < 9e9;
  check(!in_range || (told - seconds < 1 && seconds - told < 1), "and neither earlier nor later");
}

/// A key that is taken signs, or says that it cannot.
void check_key(std::string_view text) {
  const bool pem = text.find("-----BEGIN") != std::string_view::npos;
  if (!pem && !token::looks_like_jwk(text)) return;  // OpenSSL takes its time to find that out
  if (token::looks_like_jwk(text)) {
    const auto jwk = token::parse_jwk(text);
    check(jwk || !jwk.error().detail.empty(), "why a key is refused is said");
  }
  for (const JwsAlgorithm algorithm : {JwsAlgorithm::by_key, JwsAlgorithm::ps256}) {
    const auto key = token::SigningKey::make(base::Secret(std::string(text)), algorithm);
    if (!key) {
      check(!key.error().detail.empty(), "why a key is refused is said");
      continue;
    }
    const auto signature = key->sign("message");
    if (!signature) continue;
    check(!signature->empty(), "a signature is not empty");
    const bool short_one = key->algorithm() == "ES256" || key->algorithm() == "EdDSA";
    check(!short_one || signature->size() == 64, "a signature is in JOSE's form");
  }
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    if (!base::take_code_point(text)) return false;
  }
  return true;
}

/// Whatever an assertion says arrives as that.
void check_assertion(std::string_view text) {
  static const test::Key key = test::ed25519_key();
  static const auto signing_key =
      token::SigningKey::make(base::Secret(test::private_pem(key.get())), JwsAlgorithm::by_key);
  const std::string said(text);
  const token::Assertion assertion{said, said, said, said, said, {}};
  const auto signed_text = token::sign_assertion(assertion, *signing_key, kNow);
  check(signed_text.has_value(), "any text can be signed");
  const test::Jws jws(signed_text->reveal());
  check(jws.is_by(key.get()), "the signature is the key's");
  if (!is_utf8(text)) return;
  for (const char* claim : {"iss", "sub", "aud"}) {
    check(jws.claims[claim] == said, "a claim is what was said");
  }
}

void run(std::string_view bytes) {
  (void)token::jwt_expiry(bytes);
  check_encoding(bytes);
  check_expiry(bytes);
  check_key(bytes);
  check_assertion(bytes);
}

const Registration registration("jwt", run);

}  // namespace
}  // namespace bearer::fuzz
