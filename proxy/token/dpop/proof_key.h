// The key of DPoP proofs, and its public part (RFC 9449 section 4.2, RFC 7638).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "token/oauth/signing_key.h"

namespace bearer::token {

/// Immutable.
class ProofKey {
 public:
  /// P-256 or Ed25519, as PEM or as a JWK. As with SigningKey, the error's detail is written to
  /// follow the file's name.
  static base::Result<ProofKey> read(const base::Secret& text);
  /// Generates a key on P-256. Errc::file_unreadable if OpenSSL fails.
  static base::Result<ProofKey> generate();

  /// ES256 or EdDSA.
  std::string_view algorithm() const { return key_.algorithm(); }
  /// The public members alone, in the order of their names.
  const std::string& jwk() const { return jwk_; }
  /// base64url of the SHA-256 of jwk(): RFC 7638 section 3.
  const std::string& thumbprint() const { return thumbprint_; }
  /// OpenSSL's handle, which this object owns; signers may share it.
  EVP_PKEY* handle() const { return key_.handle(); }

 private:
  ProofKey(SigningKey key, std::string jwk);

  SigningKey key_;
  std::string jwk_;
  std::string thumbprint_;
};

/// Signs with one key, over and over. Used by one thread.
class ProofSigner {
 public:
  /// The key outlives the signer.
  explicit ProofSigner(const ProofKey& key);

  /// Appends the signature's bytes in JOSE's form; false if OpenSSL fails.
  bool sign(std::string_view message, std::string& out);

 private:
  struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

  const bool halves_;  // ES256: OpenSSL's ASN.1 becomes two numbers side by side
  Context ready_;      // set up once, which costs as much as a signature; null: it failed
  Context work_{EVP_MD_CTX_new()};
};

}  // namespace bearer::token
