#include "token/secret/file_path.h"

#include <filesystem>
#include <system_error>

namespace bearer::token {
namespace {

namespace fs = std::filesystem;

constexpr int kLinksMax = 40;  // as many as the kernel follows

}  // namespace

// Not canonical(): of a link to a file that is yet to come it knows nothing.
std::string without_links(const std::string& path) {
  fs::path file = path;
  std::error_code error;
  for (int links = 0; fs::is_symlink(file, error); ++links) {
    if (links == kLinksMax) return path;
    const fs::path target = fs::read_symlink(file, error);
    if (error) return path;
    file = file.parent_path() / target;  // a target that is absolute stands alone
  }
  const fs::path directory = fs::canonical(directory_of(file), error);
  return (error ? file : directory / file.filename()).string();
}

std::string directory_of(const std::string& path) {
  const std::string directory = fs::path(path).parent_path();
  return directory.empty() ? "." : directory;
}

}  // namespace bearer::token
