#include "net/acceptor.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <system_error>

namespace bearer::net {

// EPOLLEXCLUSIVE: a client wakes one of the loops that share the socket, not all.
Acceptor::Acceptor(Loop& loop, int listening_fd, Sleeper& sleeper)
    : loop_(loop), fd_(listening_fd), sleeper_(sleeper) {
  if (!loop_.watch(fd_, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE, *this)) {
    throw std::system_error(errno, std::generic_category(), "cannot watch a listening socket");
  }
}

Acceptor::~Acceptor() {
  loop_.unwatch(fd_);
}

void Acceptor::on_events(std::uint32_t) {
  sleeper_.wake();
}

Acceptor::Accepted Acceptor::accept() {
  for (;;) {
    const int fd = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) return {Status::ok, fd};
    switch (errno) {
      case EAGAIN: return {Status::blocked};
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM: return {Status::starved};
      default: break;  // this one client is gone already (ECONNABORTED …): take the next
    }
  }
}

}  // namespace bearer::net
