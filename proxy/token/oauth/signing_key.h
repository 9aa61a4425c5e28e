// Signs assertions: JWS signatures (RFC 7515, RFC 7518, RFC 8037) by OpenSSL's EVP.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/secret.h"
#include "token/credential.h"
#include "token/oauth/jwk.h"

namespace bearer::token {

/// The algorithm of that name in a JWS header; by_key if it is not known here.
JwsAlgorithm jws_algorithm(std::string_view name);

/// Appends the two numbers of an ECDSA signature, which OpenSSL makes as ASN.1, in JOSE's form:
/// side by side, each in `half_bytes` (RFC 7518 section 3.4). False if they are not such numbers.
/// REQUIRES: half_bytes < 60, so that each length in ASN.1 is one byte.
bool append_halves(std::string_view der, std::size_t half_bytes, std::string& out);

struct JwsRow;

class SigningKey {
 public:
  /// `text` is a private key as PEM, not encrypted, or as a JWK: RSA, P-256, P-384 or Ed25519. With
  /// JwsAlgorithm::by_key an RSA key signs RS256, unless it (RSASSA-PSS) or its JWK's `alg` names
  /// another. The error's detail says what is wrong with the key, without its content: `holds no
  /// private key in PEM, nor a JWK`.
  static base::Result<SigningKey> make(const base::Secret& text, JwsAlgorithm algorithm);
  /// ES256. REQUIRES: a key on P-256.
  static SigningKey of_p256(PrivateKey key);
  /// HS256 with a client's secret.
  static SigningKey of_secret(const base::Secret& secret);

  /// The `alg` of a JWS header.
  std::string_view algorithm() const;
  /// The JWK's `kid`; empty if there is none.
  const std::string& key_id() const { return key_id_; }

  /// OpenSSL's handle, which this object owns.
  EVP_PKEY* handle() const { return key_.get(); }

  /// The signature's bytes in JOSE's form: for ECDSA, R and S side by side. An error is OpenSSL's.
  base::Result<std::string> sign(std::string_view message) const;

 private:
  SigningKey(PrivateKey key, const JwsRow& algorithm, std::string key_id)
      : key_(std::move(key)), algorithm_(&algorithm), key_id_(std::move(key_id)) {}

  PrivateKey key_;
  const JwsRow* algorithm_;  ///< points into a static table
  std::string key_id_;
};

}  // namespace bearer::token
