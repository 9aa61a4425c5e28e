// SHA-256, of a body as it streams by and under a key.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

namespace bearer::sandbox {

class Digest {
 public:
  Digest();
  void add(std::string_view bytes);
  /// The 32 bytes. Called once, last.
  std::string finish();

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

/// RFC 2104 over SHA-256, 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view text);

/// Takes the same time wherever the two differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// `size` unpredictable bytes.
std::string random_bytes(std::size_t size);

}  // namespace bearer::sandbox
