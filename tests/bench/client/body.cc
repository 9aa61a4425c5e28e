// One large body, down or up.

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include "bench/client/caller.h"
#include "bench/client/scenarios.h"
#include "bench/peers/poller.h"

namespace bearer::bench {
namespace {

using Clock = std::chrono::steady_clock;

void wait(Poller& poller) {
  if (poller.wait(Clock::now() + kStalled).empty()) throw std::runtime_error("the body stalled");
}

void receive_all(Caller& caller, Poller& poller) {
  std::vector<char> scratch(1 << 20);
  for (;;) {
    wait(poller);
    const auto progress = caller.receive(scratch);
    if (progress == Caller::Progress::broken) throw std::runtime_error("the body was cut short");
    if (progress == Caller::Progress::answered) break;
  }
  if (caller.status() != 200) {
    throw std::runtime_error("answered " + std::to_string(caller.status()));
  }
}

void report(Duration took) {
  std::printf("{\"seconds\":%.6f}\n", std::chrono::duration<double>(took).count());
}

}  // namespace

void download(std::uint16_t port, std::uint64_t bytes) {
  Caller caller(port);
  Poller poller;
  poller.add(caller.fd(), EPOLLIN, nullptr);
  const Instant begin = Clock::now();
  caller.send(get_request("/bytes/" + std::to_string(bytes)));
  receive_all(caller, poller);
  report(Clock::now() - begin);
}

void upload(std::uint16_t port, std::uint64_t bytes) {
  const std::string filler(256 << 10, 'b');
  Caller caller(port);
  Poller poller;
  poller.add(caller.fd(), EPOLLOUT, nullptr);
  const Instant begin = Clock::now();
  caller.send(post_head("/sink", bytes));
  for (std::uint64_t left = bytes; left > 0;) {
    const std::size_t piece = std::min<std::uint64_t>(left, filler.size());
    const std::size_t sent = caller.write(std::string_view(filler).substr(0, piece));
    if (sent == 0) wait(poller);
    left -= sent;
  }
  poller.change(caller.fd(), EPOLLIN, nullptr);
  receive_all(caller, poller);
  report(Clock::now() - begin);
}

}  // namespace bearer::bench
