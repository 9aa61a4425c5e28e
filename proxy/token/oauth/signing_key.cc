#include "token/oauth/signing_key.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

#include "token/oauth/jwk.h"

namespace bearer::token {
namespace {

constexpr std::size_t kEs256HalfBytes = 32;

base::Error wrong(std::string detail) {
  ERR_clear_error();  // OpenSSL's own words are about its inside
  return {base::Errc::file_unreadable, std::move(detail)};
}

/// Nobody is there to be asked for a passphrase.
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

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 40> group{};
  std::size_t size = 0;
  return EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1 &&
         OBJ_txt2nid(group.data()) == NID_X9_62_prime256v1;
}

/// From ASN.1 to JOSE's form (RFC 7518 section 3.4).
std::string joined_halves(std::string_view der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parts(
      d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())), ECDSA_SIG_free);
  std::string halves(2 * kEs256HalfBytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(halves.data());
  constexpr int kHalf = static_cast<int>(kEs256HalfBytes);
  if (!parts || BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), out, kHalf) != kHalf ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), out + kHalf, kHalf) != kHalf) {
    return {};
  }
  return halves;
}

}  // namespace

base::Result<SigningKey> SigningKey::make(const base::Secret& text, JwsAlgorithm algorithm) {
  std::string key_id;
  PrivateKey key;
  if (looks_like_jwk(text.reveal())) {
    base::Result<Jwk> jwk = parse_jwk(text.reveal());
    if (!jwk) return wrong(jwk.error().detail);
    if (algorithm == JwsAlgorithm::by_key) algorithm = jwk->algorithm;
    key_id = std::move(jwk->key_id);
    key = std::move(jwk->key);
  } else {
    base::Result<PrivateKey> pem = from_pem(text.reveal());
    if (!pem) return pem.error();
    key = std::move(*pem);
  }
  const base::Result<Algorithm> chosen = choose(key.get(), algorithm);
  if (!chosen) return chosen.error();
  return SigningKey(std::move(key), *chosen, std::move(key_id));
}

base::Result<SigningKey::Algorithm> SigningKey::choose(const EVP_PKEY* key, JwsAlgorithm asked) {
  struct Fit {
    JwsAlgorithm asked;
    Algorithm chosen;
  };
  const auto fit = [asked](std::string_view kind,
                           std::initializer_list<Fit> fits) -> base::Result<Algorithm> {
    if (asked == JwsAlgorithm::by_key) return fits.begin()->chosen;
    for (const Fit& each : fits) {
      if (each.asked == asked) return each.chosen;
    }
    return wrong("holds " + std::string(kind) +
                 " key, which does not fit assertion_algorithm or the JWK's alg");
  };
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return fit("an RSA", {{JwsAlgorithm::rs256, Algorithm::rs256},
                            {JwsAlgorithm::ps256, Algorithm::ps256}});
    case EVP_PKEY_RSA_PSS: return fit("an RSASSA-PSS", {{JwsAlgorithm::ps256, Algorithm::ps256}});
    case EVP_PKEY_ED25519: return fit("an Ed25519", {{JwsAlgorithm::eddsa, Algorithm::eddsa}});
    case EVP_PKEY_EC:
      if (is_p256(key)) return fit("a P-256", {{JwsAlgorithm::es256, Algorithm::es256}});
      return wrong("holds an EC key of a curve other than P-256");
    default: return wrong("holds a key that is neither RSA, nor EC on P-256, nor Ed25519");
  }
}

SigningKey SigningKey::of_secret(const base::Secret& secret) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(secret.reveal().data());
  return {PrivateKey(
              EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, nullptr, bytes, secret.reveal().size())),
          Algorithm::hs256,
          {}};
}

std::string_view SigningKey::algorithm() const {
  switch (algorithm_) {
    case Algorithm::rs256: return "RS256";
    case Algorithm::ps256: return "PS256";
    case Algorithm::es256: return "ES256";
    case Algorithm::eddsa: return "EdDSA";
    case Algorithm::hs256: return "HS256";
  }
  return "none";
}

base::Result<std::string> SigningKey::sign(std::string_view message) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  const EVP_MD* digest = algorithm_ == Algorithm::eddsa ? nullptr : EVP_sha256();
  EVP_PKEY_CTX* parameters = nullptr;  // the context's own
  bool ready = EVP_DigestSignInit(context.get(), &parameters, digest, nullptr, key_.get()) == 1;
  if (ready && algorithm_ == Algorithm::ps256) {
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
  if (ready && algorithm_ == Algorithm::es256) signature = joined_halves(signature);
  if (!ready || signature.empty()) return wrong("holds a key with which nothing can be signed");
  return signature;
}

}  // namespace bearer::token
