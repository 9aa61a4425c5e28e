// Bytes through a tunnel, both ways at once.

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/client/scenarios.h"
#include "bench/peers/head.h"
#include "bench/peers/poller.h"

namespace bearer::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kHandshake =
    "GET /tunnel HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";

class Tunnel {
 public:
  explicit Tunnel(std::uint16_t port) : socket_(connect_to_loopback(port)) {
    poller_.add(socket_.get(), EPOLLIN, nullptr);
  }

  void open() {
    if (send(kHandshake) != kHandshake.size()) throw std::runtime_error("a head did not fit");
    std::string head;
    while (head_length(head) == 0) {
      wait();
      head.append(scratch_.data(), receive());
    }
    if (!head.starts_with("HTTP/1.1 101 ")) throw std::runtime_error("no tunnel: " + head);
    if (head_length(head) != head.size()) throw std::runtime_error("bytes that nobody sent");
  }

  /// Until so many have gone out and come back.
  void echo(std::uint64_t bytes) {
    std::uint64_t unsent = bytes;
    poller_.change(socket_.get(), EPOLLIN | EPOLLOUT, nullptr);
    for (std::uint64_t missing = bytes; missing > 0;) {
      const std::uint32_t events = wait();
      if ((events & EPOLLOUT) != 0) {
        unsent -= send(std::string_view(filler_).substr(0, std::min(unsent, kPiece)));
        if (unsent == 0) poller_.change(socket_.get(), EPOLLIN, nullptr);
      }
      if ((events & EPOLLIN) != 0) missing -= receive();
    }
  }

 private:
  static constexpr std::uint64_t kPiece = 256 << 10;

  std::uint32_t wait() {
    const auto events = poller_.wait(Clock::now() + kStalled);
    if (events.empty()) throw std::runtime_error("the tunnel stalled");
    return events.front().events;
  }

  std::size_t send(std::string_view bytes) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) fail("send");
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }

  std::size_t receive() {
    const ssize_t got = ::recv(socket_.get(), scratch_.data(), scratch_.size(), 0);
    if (got == 0) throw std::runtime_error("the tunnel was cut short");
    if (got < 0 && errno != EAGAIN) fail("recv");
    return got < 0 ? 0 : static_cast<std::size_t>(got);
  }

  Descriptor socket_;
  Poller poller_;
  std::vector<char> scratch_ = std::vector<char>(1 << 20);
  const std::string filler_ = std::string(kPiece, 'b');
};

}  // namespace

void tunnel(std::uint16_t port, std::uint64_t bytes) {
  Tunnel joined(port);
  joined.open();
  const Clock::time_point begin = Clock::now();
  joined.echo(bytes);
  std::printf("{\"seconds\":%.6f}\n", std::chrono::duration<double>(Clock::now() - begin).count());
}

}  // namespace bearer::bench
