#include "tests/sandbox/message.h"

namespace bearer::sandbox {

std::string_view find(const std::vector<Pair>& pairs, std::string_view name) {
  for (const Pair& pair : pairs) {
    if (pair.first == name) return pair.second;
  }
  return {};
}

std::string_view pattern_from(std::uint64_t offset) {
  constexpr std::uint64_t kPeriod = 61;
  static const std::string kBlock = [] {
    std::string block(kPeriod * 2048, '\0');
    for (std::size_t i = 0; i < block.size(); ++i) block[i] = pattern_byte(i);
    return block;
  }();
  return std::string_view(kBlock).substr(offset % kPeriod);
}

}  // namespace bearer::sandbox
