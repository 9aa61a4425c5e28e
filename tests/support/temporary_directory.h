// A directory that is gone with the object.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bearer::test {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "bearer-test-XXXXXX";
    if (!mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string path(std::string_view name) const { return path_ / name; }

  /// Replaces the file as a rotation does: another inode. Returns its path.
  std::string write(std::string_view name, std::string_view content) const {
    const std::string fresh = path(std::string(name) + ".new");
    std::ofstream(fresh, std::ios::binary) << content;
    std::filesystem::rename(fresh, path(name));
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace bearer::test
