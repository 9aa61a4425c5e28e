#include "config/files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/descriptor.h"

namespace bearer::config {
namespace {

constexpr std::size_t kConfigBytesMax = 4u << 20;  // a thousand routes take a tenth of it
constexpr int kPipePatienceMs = 5'000;

base::Descriptor open_to_read(const std::string& path) {
  return base::Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

std::string why_unreadable(const base::Descriptor& file) {
  if (!file.open()) return std::strerror(errno);
  struct stat status {};
  const bool directory = fstat(file.get(), &status) == 0 && S_ISDIR(status.st_mode);
  return directory ? std::strerror(EISDIR) : "";
}

/// Opens the file but does not read it, because its content does not matter here. A pipe is not
/// even opened: its writer would take us for its reader, and fail when we close it.
std::string look(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode)) {
    return access(path.c_str(), R_OK) == 0 ? "" : std::strerror(errno);
  }
  return why_unreadable(open_to_read(path));
}

/// Reads pipes too, such as a shell's <(…); but their writers must not keep us waiting.
base::Result<std::string> read_to_end(int file) {
  std::string content;
  for (;;) {
    std::array<char, 16u << 10> piece;
    const ssize_t bytes = ::read(file, piece.data(), piece.size());
    if (bytes == 0) return content;
    if (bytes > 0) {
      content.append(piece.data(), static_cast<std::size_t>(bytes));
      if (content.size() <= kConfigBytesMax) continue;
      return base::Error{base::Errc::file_unreadable, "larger than 4 MiB"};
    }
    pollfd asked{.fd = file, .events = POLLIN, .revents = 0};
    if (errno == EAGAIN && poll(&asked, 1, kPipePatienceMs) > 0) continue;
    if (errno == EINTR) continue;
    return base::Error{base::Errc::file_unreadable,
                       errno == EAGAIN ? "nothing comes out of this pipe" : std::strerror(errno)};
  }
}

base::Result<std::string> read(const std::string& path) {
  const base::Descriptor file = open_to_read(path);
  if (std::string why = why_unreadable(file); !why.empty()) {
    return base::Error{base::Errc::file_unreadable, why};
  }
  return read_to_end(file.get());
}

}  // namespace

Files real_files() {
  return {read, look};
}

}  // namespace bearer::config
