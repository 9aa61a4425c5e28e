#include "config/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace bearer::config {
namespace {

constexpr std::size_t kConfigBytesMax = 4u << 20;  // a thousand routes take a tenth of it

/// Opens and looks, but reads nothing: what is in the file is nobody's business here, and a reader
/// at the other end of a pipe would lose it.
std::string why_unreadable(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return std::strerror(errno);
  struct stat status {};
  const bool directory = fstat(file, &status) == 0 && S_ISDIR(status.st_mode);
  close(file);
  return directory ? std::strerror(EISDIR) : "";
}

base::Result<std::string> read(const std::string& path) {
  if (std::string why = why_unreadable(path); !why.empty()) {
    return base::Error{base::Errc::file_unreadable, why};
  }
  std::ifstream file(path, std::ios::binary);
  std::string content;
  for (auto next = std::istreambuf_iterator<char>(file); next != std::istreambuf_iterator<char>();
       ++next) {
    if (content.size() == kConfigBytesMax) {
      return base::Error{base::Errc::file_unreadable, "larger than 4 MiB"};
    }
    content += *next;
  }
  if (file.bad()) return base::Error{base::Errc::file_unreadable, "cannot be read to its end"};
  return content;
}

}  // namespace

Files real_files() {
  return {read, why_unreadable};
}

}  // namespace bearer::config
