// Encrypts the texts in a store that others can read: AES-256-GCM (NIST SP 800-38D).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace bearer::token {

class StoreKey {
 public:
  /// Reads a file of 32 bytes in base64, base64url or hex. Errc::store_unusable with a sentence
  /// that names token_store_key_file: it cannot be read, other users can read it, or it holds
  /// something else.
  static base::Result<StoreKey> read(const std::string& path);

  /// A format version, a nonce of its own, the ciphertext and its tag. `purpose` is not contained,
  /// but only the same one opens it: a text sealed for one purpose cannot be put in another's
  /// place.
  std::string seal(const base::Secret& text, std::string_view purpose) const;
  /// nullopt: sealed by another key, for another purpose, in another format, or changed since.
  std::optional<base::Secret> open(std::string_view sealed, std::string_view purpose) const;

  /// 16 hex digits by which nobody without the key can recognise `text` (HMAC-SHA-256).
  std::string name_for(std::string_view text) const;

 private:
  explicit StoreKey(base::Secret bytes) : bytes_(std::move(bytes)) {}

  base::Secret bytes_;
};

}  // namespace bearer::token
