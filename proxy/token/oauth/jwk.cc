#include "token/oauth/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "base/secret.h"
#include "token/json.h"

namespace bearer::token {
namespace {

using nlohmann::json;

/// The curves on which we sign (RFC 7518 section 6.2.1.1).
struct Curve {
  std::string_view name;
  const char* group;  ///< OpenSSL's name
  std::size_t bytes;  ///< of a coordinate
};
constexpr Curve kCurves[] = {{"P-256", "prime256v1", 32}, {"P-384", "secp384r1", 48}};

/// The bytes under `name`; empty if there are none.
base::Secret bytes_of(const json& jwk, const char* name) {
  std::string text = text_of(jwk, name);
  std::optional<std::string> bytes = base::base64url_decode(text);
  base::wipe(text);
  return base::Secret(bytes ? std::move(*bytes) : std::string());
}

const unsigned char* data(const base::Secret& bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.reveal().data());
}

/// The parameters of a key, collected for EVP_PKEY_fromdata().
class Parameters {
 public:
  void add_number(const char* name, const base::Secret& bytes) {
    BIGNUM* number = BN_secure_new();
    BN_bin2bn(data(bytes), static_cast<int>(bytes.reveal().size()), number);
    numbers_.emplace_back(number, BN_clear_free);  // the builder keeps only the pointer
    OSSL_PARAM_BLD_push_BN(builder_.get(), name, number);
  }
  void add_text(const char* name, const char* text) {
    OSSL_PARAM_BLD_push_utf8_string(builder_.get(), name, text, 0);
  }
  void add_bytes(const char* name, const std::string& bytes) {
    OSSL_PARAM_BLD_push_octet_string(builder_.get(), name, bytes.data(), bytes.size());
  }

  /// Null if they do not make a key.
  PrivateKey key(const char* type) {
    const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(
        OSSL_PARAM_BLD_to_param(builder_.get()), OSSL_PARAM_free);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), EVP_PKEY_CTX_free);
    EVP_PKEY* made = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) == 1) {
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, parameters.get());
    }
    ERR_clear_error();
    return PrivateKey(made);
  }

 private:
  std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder_{OSSL_PARAM_BLD_new(),
                                                                           OSSL_PARAM_BLD_free};
  std::vector<std::unique_ptr<BIGNUM, decltype(&BN_clear_free)>> numbers_;
};

/// The primes are optional (RFC 7518 section 6.3.2): all of them, or none.
PrivateKey rsa_key(const json& jwk) {
  struct Number {
    const char* member;
    const char* parameter;
  };
  constexpr Number kNumbers[] = {
      {"n", OSSL_PKEY_PARAM_RSA_N},          {"e", OSSL_PKEY_PARAM_RSA_E},
      {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
      {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
      {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};
  constexpr std::size_t kNumbersMin = 3;
  Parameters parameters;
  std::size_t count = 0;
  for (const Number& number : kNumbers) {
    const base::Secret bytes = bytes_of(jwk, number.member);
    if (bytes.empty()) break;
    parameters.add_number(number.parameter, bytes);
    ++count;
  }
  if (count != kNumbersMin && count != std::size(kNumbers)) return nullptr;
  return parameters.key("RSA");
}

PrivateKey ec_key(const json& jwk, const Curve& curve) {
  const base::Secret x = bytes_of(jwk, "x"), y = bytes_of(jwk, "y"), d = bytes_of(jwk, "d");
  for (const base::Secret* part : {&x, &y, &d}) {
    if (part->reveal().size() != curve.bytes) return nullptr;
  }
  const std::string point = "\x04" + std::string(x.reveal()) + std::string(y.reveal());
  Parameters parameters;
  parameters.add_text(OSSL_PKEY_PARAM_GROUP_NAME, curve.group);
  parameters.add_bytes(OSSL_PKEY_PARAM_PUB_KEY, point);
  parameters.add_number(OSSL_PKEY_PARAM_PRIV_KEY, d);
  return parameters.key("EC");
}

PrivateKey ed25519_key(const json& jwk) {
  const base::Secret d = bytes_of(jwk, "d");
  return PrivateKey(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, data(d), d.reveal().size()));
}

base::Error wrong(std::string_view detail) {
  ERR_clear_error();
  return {base::Errc::file_unreadable, std::string(detail)};
}

base::Result<Jwk> read_jwk(const json& jwk) {
  if (!jwk.is_object()) return wrong("holds JSON that cannot be parsed");
  if (!jwk.contains("kty")) return wrong("holds JSON that is not a JWK: it has no kty");
  if (!jwk.contains("d")) return wrong("holds a JWK without its private part (d)");
  const std::string type = text_of(jwk, "kty"), curve = text_of(jwk, "crv");
  const auto* known = std::ranges::find(kCurves, curve, &Curve::name);
  Jwk made{.key = {}, .algorithm = text_of(jwk, "alg"), .key_id = text_of(jwk, "kid")};
  if (type == "RSA") {
    made.key = rsa_key(jwk);
  } else if (type == "EC" && known != std::end(kCurves)) {
    made.key = ec_key(jwk, *known);
  } else if (type == "OKP" && curve == "Ed25519") {
    made.key = ed25519_key(jwk);
  } else {
    return wrong("holds a JWK that is neither RSA, nor EC on P-256 or P-384, nor OKP with Ed25519");
  }
  if (!made.key) return wrong("holds a damaged JWK");
  return made;
}

}  // namespace

bool looks_like_jwk(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

base::Result<Jwk> parse_jwk(std::string_view text) {
  if (base::json_too_deep(text)) return wrong(base::kJsonTooDeep);
  json jwk = parse_json(text);
  base::Result<Jwk> read = read_jwk(jwk);
  wipe_texts(jwk);
  return read;
}

}  // namespace bearer::token
