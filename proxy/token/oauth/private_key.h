// OpenSSL's private key, owned.
#pragma once

#include <openssl/evp.h>

#include <memory>

namespace bearer::token {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
/// Null where there is none.
using PrivateKey = std::unique_ptr<EVP_PKEY, FreeKey>;

}  // namespace bearer::token
