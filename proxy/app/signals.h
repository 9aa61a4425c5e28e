// The signals that end the program, as a value that is waited for instead of a handler.
#pragma once

#include <functional>
#include <thread>

namespace bearer::app {

/// Blocks SIGTERM, SIGINT and SIGHUP for this thread and those that it starts from now on: made
/// before any other thread. One in a process.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Returns when SIGTERM or SIGINT has come; calls `on_hangup` for each SIGHUP before.
  void wait(const std::function<void()>& on_hangup);
  /// Calls `then`, on a thread of its own, when another SIGTERM or SIGINT comes; not after the
  /// destructor.
  void on_next(std::function<void()> then);

 private:
  std::thread next_;
};

}  // namespace bearer::app
