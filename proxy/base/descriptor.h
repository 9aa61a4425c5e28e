// An open file, socket or pipe that is closed when its owner is destroyed.
#pragma once

#include <unistd.h>

#include <utility>

namespace bearer::base {

/// Owns a file descriptor; a negative number means none.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Descriptor() { reset(); }

  bool open() const { return fd_ >= 0; }
  int get() const { return fd_; }
  /// Its number, which somebody else closes now.
  int release() { return std::exchange(fd_, -1); }
  /// Closes the former descriptor.
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

}  // namespace bearer::base
