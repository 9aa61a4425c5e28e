// Digests: short values for a text from which the text cannot be recovered. And a quick hash.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bearer::base {

/// SHA-256 (FIPS 180-4): 32 bytes.
std::string sha256(std::string_view text);

/// HMAC of SHA-256 (RFC 2104): 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view text);

/// FNV-1a, a quick hash of 64 bits, equal in every process. Who looks for collisions finds them.
/// This is the hash of nothing.
inline constexpr std::uint64_t kFnvOffset = 0xcbf29ce484222325u;
/// `hash` with one more byte, or with a word that counts as one.
constexpr std::uint64_t fnv1a(std::uint64_t hash, std::uint64_t next) {
  return (hash ^ next) * 0x100000001b3u;
}

}  // namespace bearer::base
