// Bytes cut as a network may cut them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>

namespace bearer::fuzz {

/// The same numbers for the same bytes, so that a find can be repeated.
inline std::minstd_rand chance(std::string_view bytes) {
  std::uint32_t hash = 2166136261;  // FNV-1a
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
  return std::minstd_rand(hash);
}

class Pieces {
 public:
  explicit Pieces(std::string_view bytes) : rest_(bytes), chance_(chance(bytes)) {}

  bool empty() const { return rest_.empty(); }
  /// The next piece, mostly a short one. REQUIRES: !empty().
  std::string_view next() {
    const std::size_t most = std::size_t{1} << chance_() % kSizes;
    const std::size_t size = std::min<std::size_t>(1 + chance_() % most, rest_.size());
    const std::string_view piece = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return piece;
  }

 private:
  static constexpr unsigned kSizes = 10;  // up to 512 bytes

  std::string_view rest_;
  std::minstd_rand chance_;
};

}  // namespace bearer::fuzz
