// epoll, level-triggered. The tag of an event is a pointer that the caller keeps alive.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <span>

#include "bench/peers/socket.h"

namespace bearer::bench {

using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

class Poller {
 public:
  Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_.get() < 0) fail("epoll_create1");
  }

  void add(int fd, std::uint32_t events, void* tag) { control(EPOLL_CTL_ADD, fd, events, tag); }
  void change(int fd, std::uint32_t events, void* tag) { control(EPOLL_CTL_MOD, fd, events, tag); }

  /// Waits until something is ready or `deadline` has passed. Valid until the next call.
  std::span<const epoll_event> wait(Instant deadline = Instant::max()) {
    int milliseconds = -1;
    if (deadline != Instant::max()) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      milliseconds = left.count() > 0 ? static_cast<int>(left.count()) : 0;
    }
    const int ready =
        ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), milliseconds);
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    return std::span(events_).first(ready < 0 ? 0 : static_cast<std::size_t>(ready));
  }

 private:
  void control(int operation, int fd, std::uint32_t events, void* tag) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = tag;
    if (::epoll_ctl(epoll_.get(), operation, fd, &event) != 0) fail("epoll_ctl");
  }

  Descriptor epoll_;
  std::array<epoll_event, 512> events_;
};

}  // namespace bearer::bench
