// A terminal without a person.
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>

#include "tests/support/eventually.h"

namespace bearer::test {

/// Both ends of a terminal, which leaves bytes as they are.
class Terminal {
 public:
  Terminal() : reader_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
    std::array<char, 64> name{};
    const bool made = reader_ >= 0 && grantpt(reader_) == 0 && unlockpt(reader_) == 0 &&
                      ptsname_r(reader_, name.data(), name.size()) == 0;
    if (made) fd_ = open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    termios how{};
    if (fd_ < 0 || tcgetattr(fd_, &how) != 0) throw std::runtime_error("there is no terminal");
    cfmakeraw(&how);
    tcsetattr(fd_, TCSANOW, &how);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    close(fd_);
    close(reader_);
  }

  /// The end to which programs write.
  int fd() const { return fd_; }

  /// What has come so far. Bytes take their time from one end to the other.
  std::string read_some() const {
    std::string content;
    std::array<char, 4096> piece{};
    for (ssize_t size = 1; size > 0;) {
      size = read(reader_, piece.data(), piece.size());
      if (size > 0) content.append(piece.data(), static_cast<std::size_t>(size));
    }
    return content;
  }
  /// What comes until it ends like that; throws if it does not.
  std::string read_until(const std::string& end) const {
    std::string content;
    const bool came = eventually([&] {
      content += read_some();
      return content.ends_with(end);
    });
    if (!came) throw std::runtime_error("the terminal shows no end: " + content);
    return content;
  }

 private:
  const int reader_;
  int fd_ = -1;
};

}  // namespace bearer::test
