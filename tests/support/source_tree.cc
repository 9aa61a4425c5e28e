#include "tests/support/source_tree.h"

namespace bearer::test {

std::filesystem::path source_tree() {
  return BEARER_SOURCE_DIR;
}

}  // namespace bearer::test
