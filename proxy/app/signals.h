// Turns the signals that the program obeys into calls on a thread, without a handler, and
// interprets those that end it.
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

/// One in a process. Calls `on_signal`, on a thread of its own, for each of the signals, including
/// those that came since block(); never after the destructor. Its second argument is when the
/// signal came. One that came while another was handled came when that one did, since the kernel
/// does not tell.
class Signals {
 public:
  /// Blocks them for this thread and for those that it starts from now on. Called before there is
  /// any other thread.
  static void block(SignalList which);

  /// The opposite, for the time after the object's end. A signal that has come since then now has
  /// its usual effect.
  static void unblock(SignalList which);

  /// Until block(), each of these signals ends the process at once, cleanly. For the time before
  /// anything was begun.
  static void end_process_on(SignalList which);

  Signals(SignalList which, std::function<void(const siginfo_t&, base::Instant came)> on_signal);
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
    nothing,  ///< the same request to end, sent twice
  };
  /// Another SIGTERM or SIGINT has come, at `now`.
  Step next(base::Instant now);

 private:
  std::optional<base::Instant> began_;
};

}  // namespace bearer::app
