// An event loop on epoll, and the only way for a coroutine to wait. loop.cc says why it is our own.
//
// A session is one coroutine and sleeps in one place, its Sleeper. Everything that it may wait for
// (a socket, a deadline, a token, its client's departure) wakes that Sleeper, and the coroutine
// then looks at what has changed. So it awaits several things at once without a second coroutine,
// and nothing is ever left to be cancelled.
#pragma once

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "net/timer_heap.h"

namespace bearer::net {

class Loop;

/// A place where a coroutine sleeps. Used on its loop's thread only; the loop must outlive it.
class Sleeper : private TimerHeap::Entry {
 public:
  explicit Sleeper(Loop& loop) : loop_(loop) {}
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  ~Sleeper();

  /// The sleeping coroutine goes on in this turn of the loop, or the next sleep() ends at once.
  /// Waking twice has the effect of waking once.
  void wake();

  /// Ends when woken or at `deadline`, and sometimes for no reason, so the caller must look again.
  /// Always lets the other coroutines of this turn run first, even if it was already woken.
  auto sleep(const base::Instant& deadline) {
    struct Awaiter {
      Sleeper& self;
      base::Instant deadline;
      bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<> coroutine) { self.suspend(coroutine, deadline); }
      void await_resume() noexcept {}
    };
    return Awaiter{*this, deadline};
  }

  /// Ends in the loop's next turn at the latest.
  auto let_others_go() {
    wake();
    return sleep(base::kNever);
  }

  Loop& loop() const { return loop_; }

 private:
  friend class Loop;

  void suspend(std::coroutine_handle<> coroutine, base::Instant deadline);
  void resume();

  bool woken_ = false;  // first: they fill a gap that the base leaves
  bool queued_ = false;
  Loop& loop_;
  std::coroutine_handle<> coroutine_;  ///< null while it runs
  base::Instant deadline_ = base::kNever;
};

/// Something with a file descriptor that the loop watches, edge-triggered.
class Watched {
 public:
  virtual ~Watched() = default;
  /// `events` as epoll gives them. Must not destroy a Watched: this turn may have events for it.
  virtual void on_events(std::uint32_t events) = 0;
};

/// Predicts whether polling once more, for a short while, avoids going to sleep. It learns from the
/// results: after each miss it says yes half as often, down to one wait in 64.
class Spin {
 public:
  bool worth_it() {
    if (to_skip_ == 0) return true;
    --to_skip_;
    return false;
  }
  void hit() { misses_ = 0; }
  void missed() {
    constexpr unsigned kMissesMax = 6;
    misses_ = std::min(misses_ + 1, kMissesMax);
    to_skip_ = (1u << misses_) - 1;
  }

 private:
  unsigned misses_ = 0;  // in a row
  unsigned to_skip_ = 0;
};

/// One thread runs it. Everything except post() and stop() is for that thread, or for the time
/// before run().
class Loop {
 public:
  explicit Loop(const base::Clock& clock);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  /// Runs until stop(). May be called again.
  void run();
  /// Any thread.
  void stop();
  /// Runs `function` on the loop's thread, soon. It is dropped if the loop has ended. Any thread.
  void post(std::function<void()> function);

  /// The time at which this turn began. It is good enough for deadlines, and free.
  base::Instant now() const { return now_; }
  const base::Clock& clock() const { return clock_; }

  /// Allows or forbids the loop to poll for a short while before it blocks. By default it may. A
  /// lone request is answered sooner then, for more CPU time.
  void may_spin(bool may) { may_spin_ = may; }

  /// After a standstill of more than a second (a laptop's sleep, a frozen container, SIGSTOP) no
  /// deadline ends a sleep for two seconds: those who talk to us may have stood still as well, and
  /// go on a moment later than we do. By default a loop on the system's clock forgives; that of a
  /// test leaps.
  void forgive_standstills() { forgiving_ = true; }

  /// A request is under way, and its next byte may be microseconds away; so may be the next request
  /// once it has ended. With one or two of them the loop spins, as long as that pays.
  void begin_flight() { ++in_flight_; }
  void end_flight() {
    --in_flight_;
    landed_ = true;
  }

  /// Fetches within a turn the events that have come since it began. Streams know of them at once,
  /// and sleepers that they wake go on in the next turn. This is one call for all connections; to
  /// ask the kernel about each would be one call each. False if there are more events than it
  /// fetched. For coroutines of this loop.
  bool hear();
  /// When events were last fetched.
  base::Instant heard() const { return heard_; }

  /// Watches `fd` for `events` (EPOLLIN …); false if the kernel will not, with errno set.
  bool watch(int fd, std::uint32_t events, Watched& watched);
  /// Watches `fd`, watched already, for other events. Those that are there already are reported.
  void rewatch(int fd, std::uint32_t events, Watched& watched);
  /// Call it before closing `fd` if a duplicate may live on; otherwise closing is enough.
  void unwatch(int fd);

 private:
  friend class Sleeper;

  static constexpr int kEventsMax = 256;

  void turn();
  /// False if a signal interrupted it before it had looked.
  bool wait_for_events();
  int poll(int timeout_ms);
  void hand_out(int count);
  Spin* worth_spinning();
  void run_posted();
  void fire_timers();
  void run_ready();
  int timeout_ms() const;
  void see_standstill(base::Instant slept, int timeout_ms);

  const base::Clock& clock_;
  base::Instant now_, heard_;
  base::Instant timers_wait_until_ = base::Instant::min();  // after a standstill
  int epoll_ = -1;
  std::array<epoll_event, kEventsMax>
      events_{};       // a member, since a local one is cleared each time
  bool mail_ = false;  // functions were posted, and have not run yet
  TimerHeap timers_;
  std::vector<Sleeper*> ready_, running_;
  int in_flight_ = 0;
  bool landed_ = false;  ///< the last flight has ended since the last wait
  bool may_spin_ = true;
  bool forgiving_;
  Spin spin_in_flight_, spin_landed_;

  int mailbox_fd_ = -1;
  std::mutex mutex_;  ///< guards what other threads write
  std::vector<std::function<void()>> posted_;
  bool stopping_ = false;
};

}  // namespace bearer::net
