// The signals that the program obeys, as calls on a thread instead of a handler, and what those
// mean that end it.
#pragma once

#include <signal.h>

#include <atomic>
#include <functional>
#include <initializer_list>
#include <optional>
#include <thread>

#include "base/clock.h"

namespace bearer::app {

using SignalList = std::initializer_list<int>;

/// One in a process. Calls `on_signal`, on a thread of its own, for each of the signals that comes,
/// also for one that came since block(); not after the destructor.
class Signals {
 public:
  /// Blocks them for this thread and those that it starts from now on: called before there is any
  /// other thread.
  static void block(SignalList which);

  /// The opposite, once the object is gone: one that has come since does now what it does to any
  /// process.
  static void unblock(SignalList which);

  /// From now to block() each of them ends the process at once, cleanly: for as long as nothing has
  /// been begun.
  static void end_process_on(SignalList which);

  Signals(SignalList which, std::function<void(const siginfo_t&)> on_signal);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  std::atomic<bool> ended_ = false;
  std::thread thread_;  // last: it uses the above
};

/// Used by one thread.
class ShutdownSequence {
 public:
  enum class Step {
    drain,
    cut,
    nothing,  ///< the same request to end, said twice
  };
  /// Another SIGTERM or SIGINT has come, at `now`.
  Step next(base::Instant now);

 private:
  std::optional<base::Instant> began_;
};

}  // namespace bearer::app
