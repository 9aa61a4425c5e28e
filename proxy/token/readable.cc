#include "token/readable.h"

#include <fcntl.h>

#include <cerrno>

namespace bearer::token {

Readable::Readable(net::Sleeper& sleeper, int fd)
    : sleeper_(sleeper), watched_(::fcntl(fd, F_DUPFD_CLOEXEC, 0)) {
  if (!watched_.open() || sleeper.loop().watch(watched_.get(), EPOLLIN | EPOLLET, *this)) return;
  const int error = errno;
  watched_.reset();
  errno = error;
}

Readable::~Readable() {
  if (watching()) sleeper_.loop().unwatch(watched_.get());
}

void Readable::on_events(std::uint32_t) {
  sleeper_.wake();
}

}  // namespace bearer::token
