#include "net/tcp_stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <string>

#include "net/peer.h"
#include "net/pipe.h"
#include "net/socket_address.h"

namespace bearer::net {
namespace {

constexpr std::uint32_t kEvents = EPOLLOUT | EPOLLRDHUP | EPOLLET;

/// The kernel gives an IPv4 client of a socket that listens on [::] a mapped address (RFC 4291
/// section 2.5.5.2), which the client does not know.
bool is_literal_of(const sockaddr_storage& own, const std::string& host) {
  in_addr v4{};
  in6_addr v6{};
  const bool names_v4 = inet_pton(AF_INET, host.c_str(), &v4) == 1;
  if (own.ss_family == AF_INET) {
    return names_v4 && v4.s_addr == reinterpret_cast<const sockaddr_in&>(own).sin_addr.s_addr;
  }
  if (own.ss_family != AF_INET6) return false;
  const in6_addr& address = reinterpret_cast<const sockaddr_in6&>(own).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    return names_v4 && std::memcmp(&v4, &address.s6_addr[12], sizeof v4) == 0;
  }
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_ARE_ADDR_EQUAL(&v6, &address);
}

/// True if the kernel, or a filter of its calls, does not splice. The connection is still good.
bool refuses_to_splice(int error) {
  return error == EINVAL || error == ENOSYS || error == EPERM || error == EACCES ||
         error == EOPNOTSUPP || error == ENOMEM;
}

}  // namespace

std::unique_ptr<TcpStream> TcpStream::open(Loop& loop, int fd) {
  std::unique_ptr<TcpStream> stream(new TcpStream(loop, fd));
  // Our writes are whole heads and whole pieces of bodies. Waiting to fill a segment only delays.
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!loop.watch(fd, kEvents | EPOLLIN, *stream)) return nullptr;
  return stream;
}

TcpStream::~TcpStream() {
  close(fd_);
}

void TcpStream::on_events(std::uint32_t events) {
  constexpr std::uint32_t kEnd = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  // Nobody has read what came before. A slow reader is not woken for each piece.
  if (readable_ && !deaf_ && (events & (EPOLLIN | kEnd)) == EPOLLIN) listen_for(false);
  if (events & (EPOLLIN | kEnd)) readable_ = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) writable_ = true;
  if (events & kEnd) hung_up_ = true;
  if (events & (EPOLLHUP | EPOLLERR)) gone_ = true;
  if (sleeper_) sleeper_->wake();
}

void TcpStream::listen_for(bool bytes) {
  deaf_ = !bytes;
  loop_.rewatch(fd_, bytes ? kEvents | EPOLLIN : kEvents, *this);
}

void TcpStream::all_read() {
  readable_ = false;
  if (deaf_) listen_for(true);
}

Io TcpStream::read(std::span<char> into) {
  while (readable_ && !broken_) {
    const ssize_t count = recv(fd_, into.data(), into.size(), 0);
    if (count > 0) {
      const auto bytes = static_cast<std::size_t>(count);
      // Fewer bytes came than were asked for: the socket is empty, and the next byte raises an
      // event. An end that was already announced does not raise another one.
      if (bytes < into.size() && !hung_up_) all_read();
      return {Io::Status::ok, bytes};
    }
    if (count == 0) {
      hung_up_ = true;
      return {Io::Status::ended};
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      hung_up_ = gone_ = true;
      return {Io::Status::failed};
    }
    all_read();
  }
  return {broken_ ? Io::Status::failed : Io::Status::blocked};
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
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      // The loop may not have heard of the break yet. What the peer sent before can still be read.
      readable_ = hung_up_ = true;
      return {Io::Status::failed};
    }
    writable_ = false;
  }
  return {Io::Status::blocked};
}

std::size_t TcpStream::fill(Pipe& pipe, std::size_t most) {
  while (readable_ && !broken_) {
    const ssize_t count =
        splice(fd_, nullptr, pipe.in(), nullptr, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (count > 0) {
      pipe.filled(static_cast<std::size_t>(count));
      return static_cast<std::size_t>(count);
    }
    if (count == 0) break;  // mostly the end, which read() finds too
    if (errno == EINTR) continue;
    // read() finds what raises no other event: an end that was announced already, and bytes behind
    // an urgent one, at which splice() stops.
    if (errno == EAGAIN) break;
    if (refuses_to_splice(errno)) {
      splices_ = false;
      break;
    }
    hung_up_ = gone_ = broken_ = true;
  }
  return 0;
}

Io TcpStream::drain(Pipe& pipe) {
  while (writable_) {
    const ssize_t count =
        splice(pipe.out(), nullptr, fd_, nullptr, pipe.bytes(), SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (count > 0) {
      pipe.drained(static_cast<std::size_t>(count));
      return {Io::Status::ok, static_cast<std::size_t>(count)};
    }
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && refuses_to_splice(errno)) {
      splices_ = false;
      break;
    }
    if (count == 0 || errno != EAGAIN) return {Io::Status::failed};
    writable_ = false;
  }
  return {Io::Status::blocked};
}

bool TcpStream::still_reads(base::Instant now) {
  // If a peer that only reads ends its process, that raises no event.
  constexpr std::chrono::seconds kLookEvery{1};
  look_again_ = base::kNever;
  switch (peer_reading(fd_)) {
    case PeerReading::ended: gone_ = true; break;
    case PeerReading::goes_on: look_again_ = base::after(now, kLookEvery); break;
    case PeerReading::untold: gone_ = !end_expected_; break;
  }
  return !gone_;
}

bool TcpStream::quiet(bool ask) {
  if (readable_ || hung_up_) return false;
  if (!ask) return true;
  char byte;
  const ssize_t count = recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

bool TcpStream::came_in_at(std::string_view host) const {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (getsockname(fd_, reinterpret_cast<sockaddr*>(&own), &size) != 0) return false;
  return is_literal_of(own, std::string(host));
}

std::uint16_t TcpStream::own_port() const {
  return own_address(fd_).port();
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
