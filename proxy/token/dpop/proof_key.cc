#include "token/dpop/proof_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/digest.h"
#include "base/encoding.h"

namespace bearer::token {
namespace {

constexpr std::size_t kHalfBytes = 32;  // of a P-256 number, or of an Ed25519 key
constexpr std::string_view kEddsa = "EdDSA";

base::Error wrong(std::string detail) {
  ERR_clear_error();
  return {base::Errc::file_unreadable, std::move(detail)};
}

/// A coordinate in base64url; empty if the key has none.
std::string coordinate(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return {};
  std::array<unsigned char, kHalfBytes> bytes{};
  const bool fits = BN_bn2binpad(number, bytes.data(), kHalfBytes) == kHalfBytes;
  BN_free(number);
  if (!fits) return {};
  return base::base64url_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string raw_public(const EVP_PKEY* key) {
  std::array<unsigned char, kHalfBytes> bytes{};
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key, bytes.data(), &size) != 1) return {};
  return base::base64url_encode({reinterpret_cast<const char*>(bytes.data()), size});
}

/// The members in the order of their names, without blanks. This text's digest is the thumbprint.
std::optional<std::string> public_jwk(const SigningKey& key) {
  if (key.algorithm() == kEddsa) {
    const std::string x = raw_public(key.handle());
    if (x.empty()) return std::nullopt;
    return R"({"crv":"Ed25519","kty":"OKP","x":")" + x + "\"}";
  }
  const std::string x = coordinate(key.handle(), OSSL_PKEY_PARAM_EC_PUB_X);
  const std::string y = coordinate(key.handle(), OSSL_PKEY_PARAM_EC_PUB_Y);
  if (x.empty() || y.empty()) return std::nullopt;
  return R"({"crv":"P-256","kty":"EC","x":")" + x + R"(","y":")" + y + "\"}";
}

}  // namespace

ProofKey::ProofKey(SigningKey key, std::string jwk)
    : key_(std::move(key)),
      jwk_(std::move(jwk)),
      thumbprint_(base::base64url_encode(base::sha256(jwk_))) {}

base::Result<ProofKey> ProofKey::read(const base::Secret& text) {
  base::Result<SigningKey> key = SigningKey::make(text, JwsAlgorithm::by_key);
  if (!key) return key.error();
  if (key->algorithm() != "ES256" && key->algorithm() != kEddsa) {
    return wrong("holds a key for " + std::string(key->algorithm()) +
                 "; a proof wants one on P-256 or Ed25519");
  }
  std::optional<std::string> jwk = public_jwk(*key);
  if (!jwk) return wrong("holds a key without a public part");
  return ProofKey(std::move(*key), std::move(*jwk));
}

base::Result<ProofKey> ProofKey::generate() {
  PrivateKey made(EVP_EC_gen("P-256"));
  if (!made) return wrong("no key can be made: OpenSSL refuses");
  SigningKey key = SigningKey::of_p256(std::move(made));
  std::optional<std::string> jwk = public_jwk(key);
  if (!jwk) return wrong("no key can be made: OpenSSL tells no public part");
  return ProofKey(std::move(key), std::move(*jwk));
}

ProofSigner::ProofSigner(const ProofKey& key)
    : halves_(key.algorithm() != kEddsa), ready_(EVP_MD_CTX_new()) {
  const EVP_MD* digest = halves_ ? EVP_sha256() : nullptr;
  if (EVP_DigestSignInit(ready_.get(), nullptr, digest, nullptr, key.handle()) != 1) ready_.reset();
}

bool ProofSigner::sign(std::string_view message, std::string& out) {
  std::array<unsigned char, 80> signature{};  // 72 bytes at most as ASN.1, 64 of Ed25519
  std::size_t size = signature.size();
  // A context signs once. A copy costs little compared with setting up another one.
  bool made = ready_ && EVP_MD_CTX_copy_ex(work_.get(), ready_.get()) == 1;
  if (made) {
    EVP_MD_CTX_set_flags(work_.get(), EVP_MD_CTX_FLAG_FINALISE);  // it need not be copied again
    made =
        EVP_DigestSign(work_.get(), signature.data(), &size,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
  }
  if (!made) ERR_clear_error();
  if (!made) return false;
  const std::string_view bytes(reinterpret_cast<const char*>(signature.data()), size);
  if (halves_) return append_halves(bytes, kHalfBytes, out);
  out.append(bytes);
  return true;
}

}  // namespace bearer::token
