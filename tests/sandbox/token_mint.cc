#include "tests/sandbox/token_mint.h"

#include <nlohmann/json.hpp>

#include "tests/sandbox/digest.h"
#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

using nlohmann::json;

constexpr std::size_t kKeySize = 32;

std::int64_t to_ms(WallTime time) {
  return std::chrono::duration_cast<Milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

/// RFC 7235: the scheme's name in any case, then one or more spaces.
std::optional<std::string_view> credentials(std::string_view authorization,
                                            std::string_view scheme) {
  if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ') {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    const char c = authorization[i];
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    if (lower != scheme[i]) return std::nullopt;
  }
  authorization.remove_prefix(scheme.size());
  const std::size_t token = authorization.find_first_not_of(' ');
  if (token == std::string_view::npos) return std::nullopt;
  return authorization.substr(token);
}

TokenMint::TokenMint(const MintOptions& options, WallTime start)
    : options_(options),
      key_(random_bytes(kKeySize)),
      next_revocation_(start + options.revoke_every) {}

std::string TokenMint::issue(std::string_view client_id, WallTime now, std::string_view key) {
  Claims claims{};
  {
    const std::lock_guard lock(mutex_);
    revoke_if_due(now);
    claims = {next_serial_++, to_ms(now + options_.lifetime), std::string(key)};
  }
  return seal(claims, client_id, now);
}

Verdict TokenMint::judge(std::string_view authorization, WallTime now, std::string_view scheme) {
  const auto token = credentials(authorization, scheme);
  if (!token) return Verdict::none;
  const auto claims = open(*token);
  if (!claims) return Verdict::unknown;
  if (scheme == "bearer" && !claims->key.empty()) return Verdict::none;

  const std::lock_guard lock(mutex_);
  revoke_if_due(now);
  if (to_ms(now) >= claims->expires_ms) return Verdict::expired;
  return claims->serial < first_valid_serial_ ? Verdict::revoked : Verdict::valid;
}

std::string TokenMint::key_of(std::string_view token) const {
  const auto claims = open(token);
  return claims ? claims->key : "";
}

void TokenMint::revoke() {
  const std::lock_guard lock(mutex_);
  first_valid_serial_ = next_serial_;
  ++revocations_;
}

std::uint64_t TokenMint::issued() const {
  const std::lock_guard lock(mutex_);
  return next_serial_ - 1;
}

std::uint64_t TokenMint::revocations() const {
  const std::lock_guard lock(mutex_);
  return revocations_;
}

void TokenMint::revoke_if_due(WallTime now) {
  if (options_.revoke_every.count() == 0) return;
  for (; now >= next_revocation_; next_revocation_ += options_.revoke_every) {
    first_valid_serial_ = next_serial_;
    ++revocations_;
  }
}

std::string TokenMint::seal(const Claims& claims, std::string_view client_id, WallTime now) const {
  json payload = {{"jti", claims.serial}, {"expires_ms", claims.expires_ms}};
  if (!claims.key.empty()) payload["cnf"] = {{"jkt", claims.key}};
  std::string text;
  if (options_.is_jwt) {
    payload.update({{"iss", "bearer-sandbox"},
                    {"sub", client_id},
                    {"iat", to_ms(now) / 1000},
                    {"exp", claims.expires_ms / 1000}});
    text = encode_base64url(R"({"alg":"HS256","typ":"JWT"})") + ".";
  }
  // An opaque token is the same without the JOSE header: nobody but the mint reads it.
  text += encode_base64url(payload.dump());
  return text + "." + encode_base64url(hmac_sha256(key_, text));
}

std::optional<TokenMint::Claims> TokenMint::open(std::string_view token) const {
  const std::size_t last_dot = token.rfind('.');
  if (last_dot == std::string_view::npos) return std::nullopt;
  const std::string_view text = token.substr(0, last_dot);
  const auto mac = decode_base64url(token.substr(last_dot + 1));
  if (!mac || !equal_in_constant_time(*mac, hmac_sha256(key_, text))) return std::nullopt;

  const std::size_t payload_start = text.rfind('.') + 1;  // npos + 1 is 0: no JOSE header
  const json payload = json::parse(decode_base64url(text.substr(payload_start)).value());
  const std::string key = payload.contains("cnf") ? payload["cnf"].at("jkt") : "";
  return Claims{payload.at("jti"), payload.at("expires_ms"), key};
}

}  // namespace bearer::sandbox
