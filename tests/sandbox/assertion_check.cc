#include "tests/sandbox/assertion_check.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "tests/sandbox/digest.h"
#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

using nlohmann::json;

constexpr std::chrono::minutes kLifeMax{5};
constexpr std::chrono::seconds kSkew{5};  // of the client's clock ahead of ours

const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// A signature of two numbers side by side (RFC 7518 section 3.4) as OpenSSL has it; empty if it is
/// none.
std::string der_signature(const std::string& raw) {
  if (raw.size() != 64) return "";
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(ECDSA_SIG_new(),
                                                                        ECDSA_SIG_free);
  ECDSA_SIG_set0(signature.get(), BN_bin2bn(octets(raw), 32, nullptr),
                 BN_bin2bn(octets(raw) + 32, 32, nullptr));
  unsigned char* bytes = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &bytes);
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

json decoded(std::string_view part) {
  const auto bytes = decode_base64url(part);
  return bytes ? json::parse(*bytes, nullptr, false) : json();
}

std::string text_in(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

WallTime time_in(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number_integer()) return WallTime();
  return WallTime(std::chrono::seconds(found->get<std::int64_t>()));
}

/// Says what is wrong with its issuer, its subject or its audience.
std::string judge_parties(const json& claims, const AssertionRules& rules) {
  const std::string issuer = text_in(claims, "iss");
  const std::string subject = text_in(claims, "sub");
  if (issuer.empty() || (!rules.issuer.empty() && issuer != rules.issuer)) return "iss";
  if (subject.empty() || (!rules.subject.empty() && subject != rules.subject)) return "sub";
  const std::string audience = text_in(claims, "aud");
  const std::size_t scheme = audience.find("://");
  if (scheme == std::string::npos || audience.substr(scheme + 3) != rules.audience) return "aud";
  return "";
}

}  // namespace

std::unique_ptr<AssertionCheck> AssertionCheck::by_key_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(path.c_str(), "r"), [](std::FILE* f) { return f ? std::fclose(f) : 0; });
  Key key(file ? PEM_read_PUBKEY(file.get(), nullptr, nullptr, nullptr) : nullptr, EVP_PKEY_free);
  if (!key) throw std::runtime_error(path + " holds no public key in PEM");
  return std::unique_ptr<AssertionCheck>(new AssertionCheck(std::move(key), ""));
}

std::unique_ptr<AssertionCheck> AssertionCheck::by_secret(std::string secret) {
  return std::unique_ptr<AssertionCheck>(
      new AssertionCheck(Key(nullptr, EVP_PKEY_free), std::move(secret)));
}

std::string AssertionCheck::judge(std::string_view compact, const AssertionRules& rules,
                                  WallTime now) {
  const std::size_t last = compact.rfind('.');
  if (last == std::string_view::npos) return "no JWS";
  const std::string_view message = compact.substr(0, last);
  std::string_view rest = message;
  const json header = decoded(take_until(rest, '.'));
  const json claims = decoded(rest);
  const auto signature = decode_base64url(compact.substr(last + 1));
  if (!header.is_object() || !claims.is_object() || !signature) return "no JWS";
  if (!is_signed(text_in(header, "alg"), message, *signature)) return "signature";
  std::string wrong = judge_parties(claims, rules);
  if (!wrong.empty()) return wrong;
  const WallTime ends = time_in(claims, "exp");
  if (ends <= now) return "exp";
  if (claims.contains("iat") && time_in(claims, "iat") > now + kSkew) return "iat";
  if (!rules.once) return "";
  if (ends > now + kLifeMax) return "exp too far ahead";
  const std::string jti = text_in(claims, "jti");
  if (jti.empty()) return "jti";
  return seen(jti, ends, now) ? "jti replayed" : "";
}

bool AssertionCheck::is_signed(std::string_view algorithm, std::string_view message,
                               const std::string& signature) const {
  if (!key_) {
    return algorithm == "HS256" && equal_in_constant_time(signature, hmac_sha256(secret_, message));
  }
  const int type = EVP_PKEY_get_base_id(key_.get());
  const bool fits = (algorithm == "RS256" && type == EVP_PKEY_RSA) ||
                    (algorithm == "PS256" && type == EVP_PKEY_RSA) ||
                    (algorithm == "ES256" && type == EVP_PKEY_EC) ||
                    (algorithm == "EdDSA" && type == EVP_PKEY_ED25519);
  if (!fits) return false;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  EVP_PKEY_CTX* parameters = nullptr;
  const EVP_MD* digest = algorithm == "EdDSA" ? nullptr : EVP_sha256();
  if (EVP_DigestVerifyInit(context.get(), &parameters, digest, nullptr, key_.get()) != 1) {
    return false;
  }
  if (algorithm == "PS256") {
    EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST);
  }
  const std::string plain = algorithm == "ES256" ? der_signature(signature) : signature;
  return EVP_DigestVerify(context.get(), octets(plain), plain.size(), octets(message),
                          message.size()) == 1;
}

bool AssertionCheck::seen(const std::string& jti, WallTime until, WallTime now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(seen_, [&](const auto& entry) { return entry.second <= now; });
  return !seen_.emplace(jti, until).second;
}

}  // namespace bearer::sandbox
