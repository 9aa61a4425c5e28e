#include "tests/support/message_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/support/patience.h"

namespace bearer::test {
namespace {

void close_with_reset(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(fd);
}

}  // namespace

MessageServer::MessageServer(Respond respond) : respond_(std::move(respond)) {
  if (::pipe2(stop_, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
  thread_ = std::thread([this] { run(); });
}

MessageServer::~MessageServer() {
  ::close(stop_[1]);
  thread_.join();
  ::close(stop_[0]);
  for (const Connection& connection : connections_) ::close(connection.fd);
}

void MessageServer::await_idle() {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [this] { return open_ == 0; })) {
    throw std::runtime_error("a connection to the server was never ended");
  }
}

void MessageServer::run() {
  for (;;) {
    std::vector<pollfd> asked{{stop_[0], POLLIN, 0}, {listener_.fd(), POLLIN, 0}};
    for (const Connection& connection : connections_) {
      const int events = POLLIN | (connection.out.empty() ? 0 : POLLOUT);
      asked.push_back({connection.fd, static_cast<short>(events), 0});
    }
    ::poll(asked.data(), asked.size(), -1);
    if (asked[0].revents != 0) return;
    auto connection = connections_.begin();
    for (std::size_t i = 2; i < asked.size(); ++i) {
      const bool goes_on = asked[i].revents == 0 || serve(*connection, asked[i].revents);
      connection = goes_on ? std::next(connection) : connections_.erase(connection);
    }
    if (asked[1].revents != 0) {
      const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd >= 0) connections_.push_back({fd, {}, {}});
    }
    const std::lock_guard lock(mutex_);
    open_ = connections_.size();
    changed_.notify_all();
  }
}

bool MessageServer::serve(Connection& connection, short events) {
  if ((events & (POLLIN | POLLHUP | POLLERR)) && !read(connection)) return false;
  while (auto request = take_message(connection.in)) {
    const std::optional<std::string> response = respond_(*request);
    if (!response) {
      close_with_reset(connection.fd);
      return false;
    }
    connection.out += *response;
  }
  return write(connection);
}

bool MessageServer::read(Connection& connection) {
  std::array<char, 64u << 10> piece;
  for (;;) {
    const ssize_t count = ::recv(connection.fd, piece.data(), piece.size(), 0);
    if (count > 0) {
      connection.in.append(piece.data(), static_cast<std::size_t>(count));
    } else if (count < 0 && errno == EAGAIN) {
      return true;
    } else {
      ::close(connection.fd);
      return false;
    }
  }
}

bool MessageServer::write(Connection& connection) {
  while (!connection.out.empty()) {
    const ssize_t count =
        ::send(connection.fd, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN) return true;
    if (count < 0) {
      ::close(connection.fd);
      return false;
    }
    connection.out.erase(0, static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace bearer::test
