// The service manager's end of sd_notify(3).
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/patience.h"

namespace bearer::test {

class NotifySocket {
 public:
  /// `path` as NOTIFY_SOCKET has it.
  explicit NotifySocket(std::string path)
      : path_(std::move(path)), fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, path_.data(), path_.size());
    if (path_.front() == '@') address_.sun_path[0] = '\0';
    if (bind(fd_, address(), size()) != 0) throw std::runtime_error("cannot bind " + path_);
  }
  ~NotifySocket() { close(fd_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  const std::string& path() const { return path_; }

  /// Has it hold as many messages as it can.
  void fill() const {
    const int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    while (sendto(sender, "", 0, 0, address(), size()) == 0) {
    }
    close(sender);
  }

  /// The next message; throws if none comes.
  std::string next() const {
    pollfd watched{fd_, POLLIN, 0};
    if (poll(&watched, 1, kPatienceMs) != 1) throw std::runtime_error("nothing was told");
    std::array<char, 4096> bytes{};
    const ssize_t size = recv(fd_, bytes.data(), bytes.size(), 0);
    return {bytes.data(), static_cast<std::size_t>(size)};
  }
  /// The first message that begins so and was not awaited before. Those that came before it can
  /// still be awaited: which of two stages comes first is not always settled.
  std::string await(std::string_view beginning) {
    const auto find = [&] {
      return std::ranges::find_if(
          passed_over_, [&](const std::string& message) { return message.starts_with(beginning); });
    };
    while (find() == passed_over_.end()) passed_over_.push_back(next());
    const auto found = find();
    std::string message = std::move(*found);
    passed_over_.erase(found);
    return message;
  }

 private:
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t size() const {
    return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
  }

  const std::string path_;
  const int fd_;
  sockaddr_un address_{};
  std::vector<std::string> passed_over_;
};

}  // namespace bearer::test
