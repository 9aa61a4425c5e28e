// Many clients with one request each: hold() and idle().

#include <unistd.h>

#include <cstdio>
#include <deque>
#include <stdexcept>
#include <vector>

#include "bench/client/caller.h"
#include "bench/client/scenarios.h"
#include "bench/peers/poller.h"

namespace bearer::bench {
namespace {

/// Requests of idle() under way at once: a crowd that comes by and by, not a burst.
constexpr std::size_t kUnderWayMax = 16;

class Crowd {
 public:
  explicit Crowd(std::uint16_t port) : port_(port) {}

  void join(const std::string& request) {
    Caller& caller = callers_.emplace_back(port_);
    poller_.add(caller.fd(), EPOLLIN, &caller);
    caller.send(request);
    ++under_way_;
  }

  /// Takes answers until at most `left` requests are under way; false if `deadline` passed first.
  bool settle(std::size_t left, Instant deadline) {
    while (under_way_ > left) {
      for (const epoll_event& event : poller_.wait(deadline)) {
        take(*static_cast<Caller*>(event.data.ptr));
      }
      if (std::chrono::steady_clock::now() >= deadline) return under_way_ <= left;
    }
    return true;
  }

  void report() const {
    std::printf("{\"answered\":%zu,\"failures\":%zu,\"unanswered\":%zu}\n", answered_, failures_,
                under_way_);
    std::fflush(stdout);
  }

 private:
  void take(Caller& caller) {
    const auto progress = caller.receive(scratch_);
    if (progress == Caller::Progress::waiting) return;
    --under_way_;
    if (progress == Caller::Progress::answered && caller.status() == 200) {
      ++answered_;
      return;
    }
    ++failures_;
    if (progress == Caller::Progress::broken) poller_.change(caller.fd(), 0, &caller);
  }

  std::uint16_t port_;
  Poller poller_;
  std::deque<Caller> callers_;
  std::size_t under_way_ = 0, answered_ = 0, failures_ = 0;
  std::vector<char> scratch_ = std::vector<char>(64 << 10);
};

}  // namespace

void hold(std::uint16_t port, std::size_t count, bool refused, std::chrono::seconds limit) {
  const Instant deadline = std::chrono::steady_clock::now() + limit;
  const std::string path = refused ? "/refused/" : "/held/";
  Crowd crowd(port);
  for (std::size_t id = 0; id < count; ++id) crowd.join(get_request(path + std::to_string(id)));
  std::puts("sent");
  std::fflush(stdout);
  crowd.settle(0, deadline);
  crowd.report();
}

void idle(std::uint16_t port, std::size_t count) {
  const Instant deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  const std::string request = get_request("/api/v2/users/me");
  Crowd crowd(port);
  for (std::size_t i = 0; i < count; ++i) {
    crowd.join(request);
    if (!crowd.settle(kUnderWayMax - 1, deadline)) throw std::runtime_error("no answer for 60 s");
  }
  crowd.settle(0, deadline);
  crowd.report();
  char ignored = 0;
  while (::read(STDIN_FILENO, &ignored, 1) > 0) {
  }
}

}  // namespace bearer::bench
