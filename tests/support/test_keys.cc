#include "tests/support/test_keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "tests/support/require.h"

namespace bearer::test {
namespace {

Key generate(const char* type) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  require(EVP_PKEY_keygen_init(context.get()) == 1, type);
  require(EVP_PKEY_generate(context.get(), &key) == 1, type);
  return {key, EVP_PKEY_free};
}

Key shared(const Key& key) {
  EVP_PKEY_up_ref(key.get());
  return {key.get(), EVP_PKEY_free};
}

template <typename Write>
std::string pem(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  require(write(out.get()) == 1, "PEM");
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string number(EVP_PKEY* key, const char* name, int bytes = 0) {
  BIGNUM* value = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &value) == 1, name);
  std::string text(static_cast<std::size_t>(bytes == 0 ? BN_num_bytes(value) : bytes), '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(text.data()), static_cast<int>(text.size()));
  BN_free(value);
  return base::base64url_encode(text);
}

/// From JOSE's form to ASN.1.
std::string der_signature(std::string_view halves) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(halves.data());
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parts(ECDSA_SIG_new(),
                                                                    ECDSA_SIG_free);
  const std::size_t half = halves.size() / 2;
  const int size_of_half = static_cast<int>(half);
  ECDSA_SIG_set0(parts.get(), BN_bin2bn(bytes, size_of_half, nullptr),
                 BN_bin2bn(bytes + half, size_of_half, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parts.get(), &der);
  const std::string text(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

nlohmann::json decoded(std::string_view part) {
  const auto text = base::base64url_decode(part);
  require(text.has_value(), "base64url");
  return nlohmann::json::parse(*text);
}

const EVP_MD* digest_of(const std::string& algorithm) {
  if (algorithm == "EdDSA") return nullptr;
  if (algorithm.ends_with("384")) return EVP_sha384();
  return algorithm.ends_with("512") ? EVP_sha512() : EVP_sha256();
}

}  // namespace

Key rsa_key() {
  static const Key key = generate("RSA");
  return shared(key);
}

Key rsa_pss_key() {
  static const Key key = generate("RSA-PSS");
  return shared(key);
}

Key ec_key(const char* curve) {
  return {EVP_EC_gen(curve), EVP_PKEY_free};
}

Key ed25519_key() {
  return generate("ED25519");
}

std::string private_pem(EVP_PKEY* key) {
  return pem([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string public_pem(EVP_PKEY* key) {
  return pem([&](BIO* out) { return PEM_write_bio_PUBKEY(out, key); });
}

std::string encrypted_pem(EVP_PKEY* key) {
  const unsigned char phrase[] = "phrase";
  return pem([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key, EVP_aes_256_cbc(), phrase, sizeof phrase - 1, nullptr,
                                    nullptr);
  });
}

nlohmann::json private_jwk(EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return {{"kty", "RSA"},
              {"n", number(key, OSSL_PKEY_PARAM_RSA_N)},
              {"e", number(key, OSSL_PKEY_PARAM_RSA_E)},
              {"d", number(key, OSSL_PKEY_PARAM_RSA_D)},
              {"p", number(key, OSSL_PKEY_PARAM_RSA_FACTOR1)},
              {"q", number(key, OSSL_PKEY_PARAM_RSA_FACTOR2)},
              {"dp", number(key, OSSL_PKEY_PARAM_RSA_EXPONENT1)},
              {"dq", number(key, OSSL_PKEY_PARAM_RSA_EXPONENT2)},
              {"qi", number(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1)}};
    case EVP_PKEY_EC: {
      const int bytes = (EVP_PKEY_get_bits(key) + 7) / 8;
      return {{"kty", "EC"},
              {"crv", "P-" + std::to_string(EVP_PKEY_get_bits(key))},
              {"x", number(key, OSSL_PKEY_PARAM_EC_PUB_X, bytes)},
              {"y", number(key, OSSL_PKEY_PARAM_EC_PUB_Y, bytes)},
              {"d", number(key, OSSL_PKEY_PARAM_PRIV_KEY, bytes)}};
    }
    default: {
      std::string d(32, '\0');
      std::size_t size = d.size();
      EVP_PKEY_get_raw_private_key(key, reinterpret_cast<unsigned char*>(d.data()), &size);
      return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"d", base::base64url_encode(d)}};
    }
  }
}

Jws::Jws(std::string_view compact) {
  const std::size_t last = compact.rfind('.');
  require(last != std::string_view::npos, "a JWS has three parts");
  message = compact.substr(0, last);
  std::string_view rest = message;
  header = decoded(base::take_until(rest, '.'));
  claims = decoded(rest);
  signature = base::base64url_decode(compact.substr(last + 1)).value();
}

bool Jws::is_by(EVP_PKEY* key) const {
  const std::string algorithm = header.at("alg");
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  EVP_PKEY_CTX* parameters = nullptr;
  const EVP_MD* digest = digest_of(algorithm);
  require(EVP_DigestVerifyInit(context.get(), &parameters, digest, nullptr, key) == 1, "verify");
  if (algorithm.starts_with("PS")) {
    EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, EVP_MD_get_size(digest));
  }
  const bool ecdsa = algorithm.starts_with("ES");
  if (ecdsa && signature.size() != (algorithm == "ES384" ? 96U : 64U)) return false;
  const std::string plain = ecdsa ? der_signature(signature) : signature;
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(plain.data()),
                          plain.size(), reinterpret_cast<const unsigned char*>(message.data()),
                          message.size()) == 1;
}

}  // namespace bearer::test
