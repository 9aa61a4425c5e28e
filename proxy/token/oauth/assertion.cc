#include "token/oauth/assertion.h"

#include <openssl/evp.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/encoding.h"
#include "base/random.h"
#include "token/json.h"
#include "token/secret/secret_file.h"

namespace bearer::token {
namespace {

using nlohmann::json;

std::string thumbprint(const std::string& der, const EVP_MD* digest) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_Digest(der.data(), der.size(), bytes.data(), &size, digest, nullptr);
  return base::base64url_encode({reinterpret_cast<const char*>(bytes.data()), size});
}

json header(const Assertion& assertion, const SigningKey& key) {
  json made{{"alg", key.algorithm()}, {"typ", "JWT"}};
  const std::string& key_id = assertion.key_id.empty() ? key.key_id() : assertion.key_id;
  if (!key_id.empty()) made["kid"] = key_id;
  if (!assertion.certificate.empty()) {
    made["x5t"] = thumbprint(assertion.certificate, EVP_sha1());
    made["x5t#S256"] = thumbprint(assertion.certificate, EVP_sha256());
  }
  return made;
}

json claims(const Assertion& assertion, base::WallTime now) {
  const auto seconds = [](base::WallTime time) {
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
  };
  json made{{"jti", base::random_id()},
            {"iat", seconds(now - assertion.backdated)},
            {"exp", seconds(now + kAssertionLife)}};
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) made[name] = text;
  };
  add("iss", assertion.issuer);
  add("sub", assertion.subject);
  add("aud", assertion.audience);
  add("scope", assertion.scope);
  for (const auto& [name, text] : assertion.claims) {
    made.erase(name);
    if (!text.empty()) made[name] = json_value(text);
  }
  return made;
}

/// Text from outside may not be UTF-8; the server decides what to make of it.
std::string encoded(const json& part) {
  return base::base64url_encode(json_text(part));
}

}  // namespace

base::Result<base::Secret> sign_assertion(const Assertion& assertion, const SigningKey& key,
                                          base::WallTime now) {
  std::string text = encoded(header(assertion, key)) + "." + encoded(claims(assertion, now));
  const base::Result<std::string> signature = key.sign(text);
  if (!signature) return signature.error();
  text += "." + base::base64url_encode(*signature);
  return base::Secret(std::move(text));
}

base::Result<base::Secret> sign_with_text(const Assertion& assertion, const base::Secret& key_text,
                                          JwsAlgorithm algorithm, const std::string& path,
                                          std::string_view setting, base::WallTime now) {
  const base::Result<SigningKey> key = SigningKey::make(key_text, algorithm);
  if (!key) return unusable_file(path, setting, key.error().detail);
  base::Result<base::Secret> made = sign_assertion(assertion, *key, now);
  if (!made) return unusable_file(path, setting, made.error().detail);
  return std::move(*made);
}

std::string assertion_audience(const CredentialOptions& options) {
  if (!options.assertion_audience.empty()) return options.assertion_audience;
  return options.issuer ? options.issuer->text() : options.token_url.text();
}

}  // namespace bearer::token
