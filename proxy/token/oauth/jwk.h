// Reads a private key in JSON (RFC 7517, RFC 7518 section 6, RFC 8037 section 2).
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "token/credential.h"

namespace bearer::token {

/// Frees OpenSSL's private key.
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
/// Null if there is none.
using PrivateKey = std::unique_ptr<EVP_PKEY, FreeKey>;

struct Jwk {
  PrivateKey key;
  std::string algorithm;  ///< `alg`; empty if not given
  std::string key_id;     ///< `kid`; empty if not given
};

/// True for a text that begins like a JSON object.
bool looks_like_jwk(std::string_view text);

/// RSA, EC on P-256 or P-384, or OKP with Ed25519. Errc::file_unreadable with what is wrong with
/// the key, written to follow the file's name in a sentence.
base::Result<Jwk> parse_jwk(std::string_view text);

}  // namespace bearer::token
