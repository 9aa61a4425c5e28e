// A server on loopback that says exactly the bytes that a test wants said.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace bearer::test {

/// An accepted connection, closed with the object.
class RawConnection {
 public:
  explicit RawConnection(int fd) : fd_(fd) {}
  ~RawConnection() { ::close(fd_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  /// Reads until `end` was seen, or the peer's end. Returns all of it.
  std::string read_until(std::string_view end) {
    std::string all;
    char byte;
    while (!all.ends_with(end) && ::recv(fd_, &byte, 1, 0) == 1) all.push_back(byte);
    return all;
  }
  /// So many bytes, or fewer at the peer's end.
  std::string read_bytes(std::size_t count) {
    std::string all;
    char byte;
    while (all.size() < count && ::recv(fd_, &byte, 1, 0) == 1) all.push_back(byte);
    return all;
  }
  /// False once the peer is gone.
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  int fd() const { return fd_; }

  /// Blocks until the peer ends its side.
  void await_end() {
    std::array<char, 64u << 10> piece;
    while (::recv(fd_, piece.data(), piece.size(), 0) > 0) {
    }
  }

 private:
  int fd_;
};

/// Serves one connection after the other on a thread of its own, until destroyed.
class RawServer {
 public:
  explicit RawServer(std::function<void(RawConnection&)> serve)
      : serve_(std::move(serve)), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (::bind(fd_, any, size) != 0 || ::listen(fd_, 16) != 0 ||
        ::getsockname(fd_, any, &size) != 0) {
      throw std::runtime_error("cannot listen on loopback");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  /// REQUIRES: what is being served ends when its peer does.
  ~RawServer() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  /// A program that another thread starts meanwhile must not keep the connection open.
  int accept() const { return ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC); }

  void run() {
    for (int fd = accept(); fd >= 0; fd = accept()) {
      ++connections_;
      RawConnection connection(fd);
      serve_(connection);
    }
  }

  std::function<void(RawConnection&)> serve_;
  int fd_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

}  // namespace bearer::test
