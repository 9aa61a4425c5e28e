#include "base/random.h"

#include <openssl/rand.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "base/encoding.h"

namespace bearer::base {

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  if (getentropy(&bits, sizeof bits) != 0) std::abort();  // only a kernel before 3.17 has none
  return bits;
}

std::string random_id() {
  std::array<unsigned char, 16> bytes{};
  // Without random bytes neither assertions nor TLS are possible: the machine is broken.
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) std::abort();
  return hex_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace bearer::base
