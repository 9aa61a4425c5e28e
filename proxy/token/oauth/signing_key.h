// A key that signs assertions: JWS signatures (RFC 7515, RFC 7518, RFC 8037) by OpenSSL's EVP.
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

/// By its name in a JWS header; by_key for one that is not known here.
JwsAlgorithm jws_algorithm(std::string_view name);

/// Appends the two numbers of an ECDSA signature, in ASN.1 as OpenSSL makes it, in JOSE's form:
/// side by side, each in `half_bytes` (RFC 7518 section 3.4). False where they are none. REQUIRES:
/// half_bytes < 60, so that each length in ASN.1 is one byte.
bool append_halves(std::string_view der, std::size_t half_bytes, std::string& out);

struct JwsRow;

class SigningKey {
 public:
  /// `text` is a private key as PEM, not encrypted, or as a JWK: RSA, P-256, P-384 or Ed25519. With
  /// JwsAlgorithm::by_key an RSA key signs RS256 unless it (RSASSA-PSS) or its JWK's `alg` says
  /// another. The error's detail says what is wrong with the key, never what it is:
  /// `holds no private key in PEM, nor a JWK`.
  static base::Result<SigningKey> make(const base::Secret& text, JwsAlgorithm algorithm);
  /// ES256. REQUIRES: a key on P-256.
  static SigningKey of_p256(PrivateKey key);
  /// HS256 with a client's secret.
  static SigningKey of_secret(const base::Secret& secret);

  /// As `alg` of a JWS header has it.
  std::string_view algorithm() const;
  /// The JWK's `kid`; empty if there is none.
  const std::string& key_id() const { return key_id_; }

  /// OpenSSL's, which this object owns.
  EVP_PKEY* handle() const { return key_.get(); }

  /// The signature's bytes, in JOSE's form: of ECDSA it is R and S side by side. An error is
  /// OpenSSL's.
  base::Result<std::string> sign(std::string_view message) const;

 private:
  SigningKey(PrivateKey key, const JwsRow& algorithm, std::string key_id)
      : key_(std::move(key)), algorithm_(&algorithm), key_id_(std::move(key_id)) {}

  PrivateKey key_;
  const JwsRow* algorithm_;  ///< in a table that stays
  std::string key_id_;
};

}  // namespace bearer::token
