#include "net/tcp_stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bearer::net {

std::unique_ptr<TcpStream> TcpStream::open(Loop& loop, int fd) {
  std::unique_ptr<TcpStream> stream(new TcpStream(fd));
  // Our writes are whole heads and whole pieces of bodies: waiting to fill a segment only delays.
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!loop.watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *stream)) return nullptr;
  return stream;
}

TcpStream::~TcpStream() {
  close(fd_);
}

void TcpStream::on_events(std::uint32_t events) {
  constexpr std::uint32_t kEnd = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if (events & (EPOLLIN | kEnd)) readable_ = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) writable_ = true;
  if (events & kEnd) hung_up_ = true;
  if (sleeper_) sleeper_->wake();
}

Io TcpStream::read(std::span<char> into) {
  while (readable_) {
    const ssize_t count = recv(fd_, into.data(), into.size(), 0);
    if (count > 0) {
      const auto bytes = static_cast<std::size_t>(count);
      // Less than asked for: the socket is empty, and the next byte raises an event. An end that
      // was announced already does not raise another.
      if (bytes < into.size() && !hung_up_) readable_ = false;
      return {Io::Status::ok, bytes};
    }
    if (count == 0) {
      hung_up_ = true;
      return {Io::Status::ended};
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      hung_up_ = true;
      return {Io::Status::failed};
    }
    readable_ = false;
  }
  return {Io::Status::blocked};
}

Io TcpStream::write(std::span<const iovec> from) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(from.data());  // sendmsg only reads it
  message.msg_iovlen = from.size();
  std::size_t whole = 0;
  for (const iovec& part : from) whole += part.iov_len;
  while (writable_) {
    const ssize_t count = sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (count >= 0) {
      const auto bytes = static_cast<std::size_t>(count);
      if (bytes < whole) writable_ = false;
      return {Io::Status::ok, bytes};
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return {Io::Status::failed};
    writable_ = false;
  }
  return {Io::Status::blocked};
}

bool TcpStream::quiet(bool ask) {
  if (readable_ || hung_up_) return false;
  if (!ask) return true;
  char byte;
  const ssize_t count = recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void TcpStream::shut() {
  shutdown(fd_, SHUT_WR);
}

void TcpStream::reset_on_close() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

int TcpStream::connect_error() const {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace bearer::net
