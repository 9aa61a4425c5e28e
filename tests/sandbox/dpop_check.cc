#include "tests/sandbox/dpop_check.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "tests/sandbox/digest.h"
#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

using nlohmann::json;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

constexpr std::chrono::seconds kSkewMax{60};
constexpr std::size_t kIdCharsMin = 16;  // 96 bits in base64url

const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

json decoded(std::string_view part) {
  const auto bytes = decode_base64url(part);
  return bytes ? json::parse(*bytes, nullptr, false) : json();
}

std::string text_in(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string digest(std::string_view text) {
  Digest made;
  made.add(text);
  return encode_base64url(made.finish());
}

Key p256(const json& jwk) {
  const auto x = decode_base64url(text_in(jwk, "x")), y = decode_base64url(text_in(jwk, "y"));
  if (!x || !y || x->size() != 32 || y->size() != 32) return {nullptr, EVP_PKEY_free};
  const std::string point = "\x04" + *x + *y;
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* made = nullptr;
  if (EVP_PKEY_fromdata_init(context) == 1) {
    EVP_PKEY_fromdata(context, &made, EVP_PKEY_PUBLIC_KEY, parameters);
  }
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  return {made, EVP_PKEY_free};
}

Key ed25519(const json& jwk) {
  const auto x = decode_base64url(text_in(jwk, "x"));
  return {
      x ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(*x), x->size()) : nullptr,
      EVP_PKEY_free};
}

/// Two numbers side by side as OpenSSL has them; empty if they are none.
std::string der(const std::string& raw) {
  if (raw.size() != 64) return "";
  ECDSA_SIG* signature = ECDSA_SIG_new();
  ECDSA_SIG_set0(signature, BN_bin2bn(octets(raw), 32, nullptr),
                 BN_bin2bn(octets(raw) + 32, 32, nullptr));
  unsigned char* bytes = nullptr;
  const int size = i2d_ECDSA_SIG(signature, &bytes);
  ECDSA_SIG_free(signature);
  std::string text(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return text;
}

bool is_signed(const json& header, std::string_view message, std::string signature) {
  const json& jwk = header["jwk"];
  const std::string algorithm = text_in(header, "alg");
  const bool es256 = algorithm == "ES256" && text_in(jwk, "crv") == "P-256";
  if (!es256 && !(algorithm == "EdDSA" && text_in(jwk, "crv") == "Ed25519")) return false;
  const Key key = es256 ? p256(jwk) : ed25519(jwk);
  if (!key) return false;
  if (es256) signature = der(signature);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, es256 ? EVP_sha256() : nullptr, nullptr,
                              key.get()) == 1 &&
         EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                          message.size()) == 1;
}

std::string thumbprint(const json& jwk) {
  json required{{"kty", text_in(jwk, "kty")}, {"crv", text_in(jwk, "crv")}, {"x", jwk["x"]}};
  if (jwk.contains("y")) required["y"] = jwk["y"];
  return digest(required.dump());  // its members are in the order of their names
}

DpopVerdict invalid(std::string what) {
  return {.error = "invalid_dpop_proof", .description = std::move(what)};
}

std::vector<std::string> proofs_in(const Request& request) {
  std::vector<std::string> found;
  for (const auto& [name, value] : request.fields) {
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    if (lower == "dpop") found.push_back(value);
  }
  return found;
}

}  // namespace

DpopCheck::DpopCheck(const DpopOptions& options) : options_(options), secret_(random_bytes(32)) {}

std::string DpopCheck::nonce(WallTime now) const {
  if (options_.nonce_life.count() == 0) return "";
  const auto number = now.time_since_epoch() / options_.nonce_life;
  return encode_base64url(hmac_sha256(secret_, std::to_string(number)));
}

bool DpopCheck::knows(const std::string& nonce, WallTime now) const {
  return options_.nonce_life.count() == 0 || nonce == this->nonce(now) ||
         nonce == this->nonce(now - options_.nonce_life);
}

bool DpopCheck::take(const std::string& jti, WallTime now) {
  const std::lock_guard lock(mutex_);
  if (seen_.size() > 100'000) {
    std::erase_if(seen_, [&](const auto& entry) { return entry.second <= now; });
  }
  return seen_.emplace(jti, now + 2 * kSkewMax).second;
}

DpopVerdict DpopCheck::judge(const Request& request, std::string_view token, WallTime now) {
  DpopVerdict verdict = judge_proof(request, token, now);
  const std::lock_guard lock(mutex_);
  if (verdict.error.empty()) {
    ++good_;
  } else if (verdict.error == "use_dpop_nonce") {
    ++without_nonce_;
  } else {
    ++(verdict.description == "jti replayed" ? twice_ : bad_);
  }
  return verdict;
}

DpopVerdict DpopCheck::judge_proof(const Request& request, std::string_view token, WallTime now) {
  const std::vector<std::string> proofs = proofs_in(request);
  if (proofs.empty()) return invalid("the proof is missing");
  if (proofs.size() > 1) return invalid("more than one proof");
  const std::string_view compact = proofs.front();
  const std::size_t last = compact.rfind('.');
  if (last == std::string_view::npos) return invalid("no JWS");
  std::string_view rest = compact.substr(0, last);
  const std::string_view message = rest;
  const json header = decoded(take_until(rest, '.'));
  const json claims = decoded(rest);
  const auto signature = decode_base64url(compact.substr(last + 1));
  if (!header.is_object() || !claims.is_object() || !signature) return invalid("no JWS");
  if (text_in(header, "typ") != "dpop+jwt") return invalid("typ");
  if (!header.contains("jwk") || !header["jwk"].is_object()) return invalid("jwk");
  for (const char* secret : {"d", "p", "q", "dp", "dq", "qi", "k"}) {
    if (header["jwk"].contains(secret)) return invalid("jwk with a private member");
  }
  if (!is_signed(header, message, *signature)) return invalid("signature");
  if (text_in(claims, "htm") != request.method) return invalid("htm");
  std::string_view target = request.target;
  if (text_in(claims, "htu") != request.origin + std::string(take_until(target, '?'))) {
    return invalid("htu");
  }
  const auto iat = claims.find("iat");
  if (iat == claims.end() || !iat->is_number_integer()) return invalid("iat");
  const WallTime made{std::chrono::seconds(iat->get<std::int64_t>())};
  if (made > now + kSkewMax || made < now - kSkewMax) return invalid("iat");
  if (text_in(claims, "ath") != (token.empty() ? "" : digest(token))) return invalid("ath");
  const std::string jti = text_in(claims, "jti");
  if (jti.size() < kIdCharsMin) return invalid("jti");
  if (!take(jti, now)) return invalid("jti replayed");
  if (!knows(text_in(claims, "nonce"), now)) {
    return {.error = "use_dpop_nonce", .description = "the proof lacks the nonce"};
  }
  return {.thumbprint = thumbprint(header["jwk"])};
}

nlohmann::ordered_json DpopCheck::to_json() const {
  const std::lock_guard lock(mutex_);
  return {{"good", good_}, {"without_nonce", without_nonce_}, {"twice", twice_}, {"bad", bad_}};
}

}  // namespace bearer::sandbox
