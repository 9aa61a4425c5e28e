#include "relay/telemetry/log_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bearer::relay {
namespace {

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

/// False, with errno, if there is no such file and none can be made, or it cannot be written.
bool can_be_opened(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    return errno == ENOENT && ::access(directory_of(path).c_str(), W_OK | X_OK) == 0;
  }
  if (S_ISDIR(found.st_mode)) errno = EISDIR;
  return !S_ISDIR(found.st_mode) && ::access(path.c_str(), W_OK) == 0;
}

}  // namespace

base::Result<void> check_log_file(const std::string& path) {
  if (path == "-" || can_be_opened(path)) return {};
  return unusable_log_file(path);
}

base::Error unusable_log_file(const std::string& path) {
  return {base::Errc::file_unreadable, "access_log = \"" + path + "\": " + std::strerror(errno) +
                                           "; name a file that can be written, or - for stdout"};
}

}  // namespace bearer::relay
