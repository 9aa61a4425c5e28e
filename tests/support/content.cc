#include "tests/support/content.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace bearer::test {

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot be read: " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace bearer::test
