#include "tests/support/raw_socket.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "tests/support/patience.h"

namespace bearer::test {
namespace {

[[noreturn]] void fail(const char* doing) {
  throw std::runtime_error(std::string(doing) + ": " + std::strerror(errno));
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Returns what there is for `fd` to do; 0 if nothing came within the time.
short ready(int fd, short events, int timeout_ms) {
  pollfd asked{.fd = fd, .events = events, .revents = 0};
  if (::poll(&asked, 1, timeout_ms) < 0) fail("poll");
  return asked.revents;
}

void await(int fd, short events, const char* doing) {
  if (ready(fd, events, kPatienceMs) == 0) {
    throw std::runtime_error(std::string(doing) + ": nothing happened");
  }
}

}  // namespace

RawSocket::RawSocket(int fd) : fd_(fd) {
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

RawSocket RawSocket::connect(std::uint16_t port, int receive_buffer_bytes) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer_bytes > 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  const sockaddr_in address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    fail("connect");
  }
  return RawSocket(fd);
}

RawSocket RawSocket::connect_to_path(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    fail("connect");
  }
  return RawSocket(fd);
}

RawSocket& RawSocket::operator=(RawSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(read_, other.read_);
  return *this;
}

bool RawSocket::try_send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      await(fd_, POLLOUT, "send");
    } else {
      return false;
    }
  }
  return true;
}

void RawSocket::send(std::string_view bytes) {
  if (!try_send(bytes)) fail("send");
}

std::size_t RawSocket::fill(std::size_t bytes_max) {
  const std::string piece(64u << 10, 'f');
  std::size_t sent = 0;
  while (sent < bytes_max) {
    const std::size_t most = std::min(piece.size(), bytes_max - sent);
    const ssize_t count = ::send(fd_, piece.data(), most, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno != EAGAIN) break;
    if (count > 0) sent += static_cast<std::size_t>(count);
    // The peer takes more as long as it does so at once.
    constexpr int kAtOnceMs = 200;
    if (count < 0 && ready(fd_, POLLOUT, kAtOnceMs) == 0) break;
  }
  return sent;
}

std::size_t RawSocket::pending() const {
  int bytes = 0;
  if (::ioctl(fd_, SIOCOUTQ, &bytes) != 0) fail("SIOCOUTQ");
  return static_cast<std::size_t>(bytes);
}

bool RawSocket::read_more() {
  std::array<char, 64u << 10> piece;
  await(fd_, POLLIN, "read");
  const ssize_t count = ::recv(fd_, piece.data(), piece.size(), 0);
  if (count < 0) fail("read");
  read_.append(piece.data(), static_cast<std::size_t>(count));
  return count > 0;
}

std::string RawSocket::read_until(std::string_view mark) {
  for (;;) {
    const std::size_t at = read_.find(mark);
    if (at != std::string::npos) return read_bytes(at + mark.size());
    if (!read_more()) throw std::runtime_error("the connection ended after: " + read_);
  }
}

std::string RawSocket::read_bytes(std::size_t count) {
  while (read_.size() < count) {
    if (!read_more()) throw std::runtime_error("the connection ended too early");
  }
  std::string bytes = read_.substr(0, count);
  read_.erase(0, count);
  return bytes;
}

std::string RawSocket::read_to_end() {
  while (read_more()) {
  }
  return std::exchange(read_, {});
}

RawSocket::End RawSocket::await_end() {
  std::array<char, 64u << 10> piece;
  for (;;) {
    await(fd_, POLLIN, "await the end");
    const ssize_t count = ::recv(fd_, piece.data(), piece.size(), 0);
    if (count < 0) return End::reset;
    if (count == 0) return End::closed;
  }
}

bool RawSocket::quiet() {
  return read_.empty() && ready(fd_, POLLIN, 0) == 0;
}

void RawSocket::half_close() {
  ::shutdown(fd_, SHUT_WR);
}

void RawSocket::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void RawSocket::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

RawListener::RawListener(int backlog) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  const int on = 1;  // for the one that keeps the port after close()
  setsockopt(fd_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (::bind(fd_, any, size) != 0 || ::listen(fd_, backlog) != 0 ||
      ::getsockname(fd_, any, &size) != 0) {
    fail("listen");
  }
  port_ = ntohs(address.sin_port);
}

RawListener::~RawListener() {
  if (fd_ >= 0) ::close(fd_);
}

RawSocket RawListener::accept() {
  await(fd_, POLLIN, "accept");
  const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) fail("accept");
  return RawSocket(fd);
}

bool RawListener::quiet() {
  return ready(fd_, POLLIN, 0) == 0;
}

void RawListener::close() {
  if (fd_ < 0) return;
  kept_.emplace(port_);
  ::close(std::exchange(fd_, -1));
}

}  // namespace bearer::test
