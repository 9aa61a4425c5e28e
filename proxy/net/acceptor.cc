#include "net/acceptor.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <system_error>

namespace bearer::net {
namespace {

/// The next client was gone, or rejected by a firewall, before it was accepted. The one behind it
/// is not concerned. accept(2) lists the network errors of such a client.
bool lost_client(int error) {
  switch (error) {
    case ECONNABORTED:
    case EINTR:
    case EPERM:
    case EPROTO:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case ETIMEDOUT: return true;
    default: return false;
  }
}

}  // namespace

// EPOLLEXCLUSIVE: a client wakes one of the loops that share the socket, not all.
Acceptor::Acceptor(Loop& loop, int listening_fd, Sleeper& sleeper)
    : loop_(loop), fd_(listening_fd), sleeper_(sleeper) {
  // The process that passed the socket to us shares its flags, and may make it blocking at any
  // time. Then an accept() waits for the shortest time that there is. Sockets without the option
  // stay as they are.
  constexpr timeval kShortest{.tv_sec = 0, .tv_usec = 1};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kShortest, sizeof kShortest);
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

bool Acceptor::somebody_waits() const {
  pollfd asked{.fd = fd_, .events = POLLIN, .revents = 0};
  return poll(&asked, 1, 0) == 1;
}

Acceptor::Accepted Acceptor::accept() {
  for (;;) {
    const int fd = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) return {Status::ok, fd};
    if (errno == EAGAIN) return {Status::blocked};
    if (!lost_client(errno)) return {Status::failed, -1, errno};
  }
}

}  // namespace bearer::net
