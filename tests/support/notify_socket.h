// The service manager's end of sd_notify(3).
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bearer::test {

class NotifySocket {
 public:
  /// `path` as NOTIFY_SOCKET has it.
  explicit NotifySocket(std::string path)
      : path_(std::move(path)), fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    if (path_.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
    if (bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0) {
      throw std::runtime_error("cannot bind " + path_);
    }
  }
  ~NotifySocket() { close(fd_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  const std::string& path() const { return path_; }

  /// The next message; throws if none comes.
  std::string next() const {
    constexpr int kPatienceMs = 30'000;
    pollfd watched{fd_, POLLIN, 0};
    if (poll(&watched, 1, kPatienceMs) != 1) throw std::runtime_error("nothing was told");
    std::array<char, 4096> bytes{};
    const ssize_t size = recv(fd_, bytes.data(), bytes.size(), 0);
    return {bytes.data(), static_cast<std::size_t>(size)};
  }
  /// The next message that begins so; those before it are dropped.
  std::string await(std::string_view beginning) const {
    for (;;) {
      std::string message = next();
      if (message.starts_with(beginning)) return message;
    }
  }

 private:
  const std::string path_;
  const int fd_;
};

}  // namespace bearer::test
