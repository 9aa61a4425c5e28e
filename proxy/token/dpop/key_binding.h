// Binds tokens to a key of ours, and makes the proofs that go with them (RFC 9449).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "token/credential.h"
#include "token/dpop/proof_key.h"
#include "token/source.h"

namespace bearer::token {

class KeyBinding final : public Binding {
 public:
  explicit KeyBinding(ProofKey key) : key_(std::make_shared<const ProofKey>(std::move(key))) {}

  std::unique_ptr<Prover> prover() const override;
  std::string text() const override;
  const std::string& thumbprint() const { return key_->thumbprint(); }

 private:
  const std::shared_ptr<const ProofKey> key_;
};

/// The binding of a credential: to the key in dpop_key_file, or else to a new key. Null if `dpop`
/// is off. Errc::file_unreadable with a sentence that names file and setting.
base::Result<std::shared_ptr<const KeyBinding>> make_binding(const CredentialOptions& options);

/// Checks that the credential's key can be used.
base::Result<void> check_binding(const CredentialOptions& options);

}  // namespace bearer::token
