#include "tests/support/pages.h"

#include "tests/support/content.h"
#include "tests/support/source_tree.h"

namespace bearer::test {

namespace fs = std::filesystem;

std::map<fs::path, std::string> pages() {
  std::map<fs::path, std::string> found;
  const auto take = [&found](const fs::path& path) {
    if (path.extension() == ".md") found[path.lexically_normal()] = content(path);
  };
  for (const auto& entry : fs::directory_iterator(source_tree())) take(entry.path());
  for (const char* folder : {".github", "deploy", "proxy", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(source_tree() / folder)) {
      take(entry.path());
    }
  }
  return found;
}

}  // namespace bearer::test
