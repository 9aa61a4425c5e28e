#include "base/line_output.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace bearer::base {
namespace {

/// A writable pipe has room for this much (POSIX, write()). So a write of no more does not block,
/// whatever flags other processes have set on the same pipe.
constexpr std::size_t kPieceBytesMax = PIPE_BUF;

bool has_room(int fd) {
  pollfd asked{.fd = fd, .events = POLLOUT, .revents = 0};
  return poll(&asked, 1, 0) != 0;  // also if it is broken: the write reports that
}

}  // namespace

int write_line(int fd, std::string_view line) {
  while (!line.empty()) {
    if (!has_room(fd)) return EAGAIN;
    const ssize_t written =
        write(fd, line.data(), line.size() < kPieceBytesMax ? line.size() : kPieceBytesMax);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return ENOSPC;
    line.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace bearer::base
