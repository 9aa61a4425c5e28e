// FNV-1a, a quick hash of 64 bits, equal in every process. Who looks for collisions finds them.
#pragma once

#include <cstdint>

namespace bearer::base {

/// The hash of nothing.
inline constexpr std::uint64_t kFnvOffset = 0xcbf29ce484222325u;

/// `hash` with one more byte, or with a word that counts as one.
constexpr std::uint64_t fnv1a(std::uint64_t hash, std::uint64_t next) {
  return (hash ^ next) * 0x100000001b3u;
}

}  // namespace bearer::base
