#include "tests/sandbox/chance.h"

#include <array>
#include <cstdio>

namespace bearer::sandbox {

std::string make_uuid(std::uint64_t seed, std::uint64_t index) {
  const std::uint64_t high = mix(mix(seed) + index);
  const std::uint64_t low = mix(high);
  std::array<char, 40> text{};
  // Version 4 and variant 1 take bits of `low` only, so that all of `high` keeps the id unique.
  const int size = std::snprintf(
      text.data(), text.size(), "%08x-%04x-4%03x-%04x-%04x%08x", static_cast<unsigned>(high >> 32),
      static_cast<unsigned>((high >> 16) & 0xffff), static_cast<unsigned>(low & 0xfff),
      static_cast<unsigned>(0x8000 | ((low >> 12) & 0x3fff)), static_cast<unsigned>(high & 0xffff),
      static_cast<unsigned>(low >> 32));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace bearer::sandbox
