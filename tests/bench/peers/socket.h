// Loopback sockets for the two ends of a benchmark. Failures are exceptions: a run without its
// sockets is void.
#pragma once

#include <cstdint>
#include <utility>

namespace bearer::bench {

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();

  int get() const { return fd_; }

 private:
  int fd_;
};

/// Throws std::system_error with errno and `what`.
[[noreturn]] void fail(const char* what);

/// Non-blocking, on a free port of 127.0.0.1.
Descriptor listen_on_loopback();
std::uint16_t local_port(const Descriptor& socket);

/// Connected when it returns, non-blocking from then on, without Nagle's delay.
Descriptor connect_to_loopback(std::uint16_t port);

void set_no_delay(int fd);

}  // namespace bearer::bench
