#include "base/digest.h"

#include <openssl/evp.h>

#include <array>

namespace bearer::base {

std::string sha256(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), bytes.data(), &size, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

}  // namespace bearer::base
