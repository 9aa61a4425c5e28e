// Keys for signatures, as people keep them, and an independent look at what was signed.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace bearer::test {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

/// RSA keys are the same for a whole run: making one takes a while.
Key rsa_key();
Key rsa_pss_key();
Key ec_key(const char* curve = "P-256");
Key ed25519_key();

std::string private_pem(EVP_PKEY* key);
std::string public_pem(EVP_PKEY* key);
std::string encrypted_pem(EVP_PKEY* key);
/// The private key as a JWK, without `alg` and `kid`.
nlohmann::json private_jwk(EVP_PKEY* key);

/// The parts of a compact JWS, decoded.
struct Jws {
  explicit Jws(std::string_view compact);

  nlohmann::json header, claims;
  std::string message;  ///< what is signed
  std::string signature;

  /// True if the signature is `key`'s, by the algorithm that the header names.
  bool is_by(EVP_PKEY* key) const;
};

}  // namespace bearer::test
