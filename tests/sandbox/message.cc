#include "tests/sandbox/message.h"

namespace bearer::sandbox {

std::string_view find(const std::vector<Pair>& pairs, std::string_view name) {
  for (const Pair& pair : pairs) {
    if (pair.first == name) return pair.second;
  }
  return {};
}

}  // namespace bearer::sandbox
