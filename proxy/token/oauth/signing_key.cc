#include "token/oauth/signing_key.h"

#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <utility>

#include "token/oauth/jwk.h"

namespace bearer::token {

/// The parts of an algorithm.
struct JwsRow {
  JwsAlgorithm algorithm;
  std::string_view name;
  int key_type;               ///< EVP_PKEY_base_id()
  const EVP_MD* (*digest)();  ///< null: the algorithm has its own
  bool pss = false;
  int curve = NID_undef;
  std::size_t half_bytes = 0;  ///< of R and of S
};

namespace {

/// A key signs with the first algorithm that fits it, unless another one is asked for.
constexpr std::array kAlgorithms{
    JwsRow{JwsAlgorithm::rs256, "RS256", EVP_PKEY_RSA, EVP_sha256},
    JwsRow{JwsAlgorithm::rs384, "RS384", EVP_PKEY_RSA, EVP_sha384},
    JwsRow{JwsAlgorithm::rs512, "RS512", EVP_PKEY_RSA, EVP_sha512},
    JwsRow{JwsAlgorithm::ps256, "PS256", EVP_PKEY_RSA, EVP_sha256, true},
    JwsRow{JwsAlgorithm::ps384, "PS384", EVP_PKEY_RSA, EVP_sha384, true},
    JwsRow{JwsAlgorithm::ps512, "PS512", EVP_PKEY_RSA, EVP_sha512, true},
    JwsRow{JwsAlgorithm::ps256, "PS256", EVP_PKEY_RSA_PSS, EVP_sha256, true},
    JwsRow{JwsAlgorithm::ps384, "PS384", EVP_PKEY_RSA_PSS, EVP_sha384, true},
    JwsRow{JwsAlgorithm::ps512, "PS512", EVP_PKEY_RSA_PSS, EVP_sha512, true},
    JwsRow{JwsAlgorithm::es256, "ES256", EVP_PKEY_EC, EVP_sha256, false, NID_X9_62_prime256v1, 32},
    JwsRow{JwsAlgorithm::es384, "ES384", EVP_PKEY_EC, EVP_sha384, false, NID_secp384r1, 48},
    JwsRow{JwsAlgorithm::eddsa, "EdDSA", EVP_PKEY_ED25519, nullptr},
};
constexpr JwsRow kHs256{JwsAlgorithm::by_key, "HS256", EVP_PKEY_HMAC, EVP_sha256};

base::Error wrong(std::string detail) {
  ERR_clear_error();  // OpenSSL's own words are about its internals
  return {base::Errc::file_unreadable, std::move(detail)};
}

/// Rejects a key that needs a passphrase, because there is nobody to ask.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

base::Result<PrivateKey> from_pem(std::string_view text) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
  PrivateKey key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, nullptr));
  if (key) return key;
  if (text.find("ENCRYPTED") != std::string_view::npos) {
    return wrong("holds an encrypted key; store it without a passphrase");
  }
  if (text.find("PRIVATE KEY") != std::string_view::npos) return wrong("holds a damaged PEM key");
  return wrong("holds no private key in PEM, nor a JWK");
}

int curve_of(const EVP_PKEY* key) {
  std::array<char, 40> group{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1) return NID_undef;
  return OBJ_txt2nid(group.data());
}

std::string kind_of(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: return "an RSA";
    case EVP_PKEY_RSA_PSS: return "an RSASSA-PSS";
    case EVP_PKEY_ED25519: return "an Ed25519";
    default: return curve_of(key) == NID_secp384r1 ? "a P-384" : "a P-256";
  }
}

/// Appends one number of an ECDSA signature, an ASN.1 INTEGER, and removes it from `der`.
bool append_number(std::string_view& der, std::size_t half_bytes, std::string& out) {
  constexpr char kInteger = 0x02;
  if (der.size() < 2 || der[0] != kInteger) return false;
  const std::size_t size = static_cast<unsigned char>(der[1]);
  if (size > der.size() - 2) return false;
  std::string_view number = der.substr(2, size);
  der.remove_prefix(2 + size);
  while (number.size() > half_bytes && number.front() == '\0') number.remove_prefix(1);
  if (number.size() > half_bytes) return false;
  out.append(half_bytes - number.size(), '\0').append(number);
  return true;
}

base::Result<const JwsRow*> choose(const EVP_PKEY* key, JwsAlgorithm asked) {
  const int type = EVP_PKEY_get_base_id(key);
  const int curve = type == EVP_PKEY_EC ? curve_of(key) : NID_undef;
  bool some = false;
  for (const JwsRow& row : kAlgorithms) {
    if (row.key_type != type || row.curve != curve) continue;
    if (asked == JwsAlgorithm::by_key || asked == row.algorithm) return &row;
    some = true;
  }
  if (some) {
    return wrong("holds " + kind_of(key) +
                 " key, which does not fit assertion_algorithm or the JWK's alg");
  }
  return wrong(type == EVP_PKEY_EC
                   ? "holds an EC key of a curve other than P-256 and P-384"
                   : "holds a key that is neither RSA, nor EC on P-256 or P-384, nor Ed25519");
}

}  // namespace

bool append_halves(std::string_view der, std::size_t half_bytes, std::string& out) {
  constexpr char kSequence = 0x30;
  if (der.size() < 2 || der[0] != kSequence) return false;
  if (static_cast<unsigned char>(der[1]) != der.size() - 2) return false;
  der.remove_prefix(2);
  const bool first = append_number(der, half_bytes, out);
  const bool second = first && append_number(der, half_bytes, out);
  return second && der.empty();
}

JwsAlgorithm jws_algorithm(std::string_view name) {
  const auto* row = std::ranges::find(kAlgorithms, name, &JwsRow::name);
  return row == kAlgorithms.end() ? JwsAlgorithm::by_key : row->algorithm;
}

base::Result<SigningKey> SigningKey::make(const base::Secret& text, JwsAlgorithm algorithm) {
  std::string key_id;
  PrivateKey key;
  if (looks_like_jwk(text.reveal())) {
    base::Result<Jwk> jwk = parse_jwk(text.reveal());
    if (!jwk) return wrong(jwk.error().detail);
    if (algorithm == JwsAlgorithm::by_key) algorithm = jws_algorithm(jwk->algorithm);
    key_id = std::move(jwk->key_id);
    key = std::move(jwk->key);
  } else {
    base::Result<PrivateKey> pem = from_pem(text.reveal());
    if (!pem) return pem.error();
    key = std::move(*pem);
  }
  const base::Result<const JwsRow*> chosen = choose(key.get(), algorithm);
  if (!chosen) return chosen.error();
  return SigningKey(std::move(key), **chosen, std::move(key_id));
}

SigningKey SigningKey::of_p256(PrivateKey key) {
  return {
      std::move(key), *std::ranges::find(kAlgorithms, JwsAlgorithm::es256, &JwsRow::algorithm), {}};
}

SigningKey SigningKey::of_secret(const base::Secret& secret) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(secret.reveal().data());
  return {PrivateKey(
              EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, nullptr, bytes, secret.reveal().size())),
          kHs256,
          {}};
}

std::string_view SigningKey::algorithm() const {
  return algorithm_->name;
}

base::Result<std::string> SigningKey::sign(std::string_view message) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  const EVP_MD* digest = algorithm_->digest ? algorithm_->digest() : nullptr;
  EVP_PKEY_CTX* parameters = nullptr;  // the context's own
  bool ready = EVP_DigestSignInit(context.get(), &parameters, digest, nullptr, key_.get()) == 1;
  if (ready && algorithm_->pss) {
    ready = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t size = 0;
  std::string signature;
  if (ready) ready = EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) == 1;
  if (ready) {
    signature.resize(size);
    auto* out = reinterpret_cast<unsigned char*>(signature.data());
    ready = EVP_DigestSign(context.get(), out, &size, bytes, message.size()) == 1;
    signature.resize(size);
  }
  if (ready && algorithm_->half_bytes != 0) {
    const std::string der = std::exchange(signature, {});
    ready = append_halves(der, algorithm_->half_bytes, signature);
  }
  if (!ready || signature.empty()) return wrong("holds a key with which nothing can be signed");
  return signature;
}

}  // namespace bearer::token
