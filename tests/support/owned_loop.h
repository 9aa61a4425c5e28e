// A loop that the test turns by hand, on time that stands still until the test moves it.
#pragma once

#include <optional>
#include <utility>

#include "base/clock.h"
#include "net/loop.h"
#include "net/task.h"
#include "net/wait.h"
#include "tests/support/owned_clock.h"

namespace bearer::test {

/// For one thread.
class OwnedLoop {
 public:
  net::Loop& loop() { return loop_; }
  const base::Clock& clock() const { return clock_; }
  base::Instant now() const { return clock_.now(); }
  /// Until `deadline`, for nobody's sake.
  net::Wait wait(net::Sleeper& sleeper, base::Instant deadline = base::kNever) const {
    return {sleeper, deadline, nullptr};
  }

  /// One turn, which does not block: events that are there, posted functions, due deadlines, and
  /// the coroutines that these wake.
  void turn() {
    loop_.stop();
    loop_.run();
  }
  /// Moves time on while a turn goes on.
  void let_pass(base::Duration duration) { clock_.advance(duration); }
  /// Moves time on and turns.
  void advance(base::Duration duration) {
    clock_.advance(duration);
    turn();
  }

  /// Turns, and blocks for events of the world outside, until `task` has ended. Time stands still.
  template <typename T>
  T run(net::Task<T> task) {
    std::optional<T> result;
    net::Task<void> root = keep(std::move(task), result);
    root.start();
    while (!root.done()) loop_.run();  // an earlier stop() may end a run of the loop
    return std::move(*result);
  }

 private:
  template <typename T>
  net::Task<void> keep(net::Task<T> task, std::optional<T>& result) {
    result.emplace(co_await std::move(task));
    loop_.stop();
  }

  OwnedClock clock_;
  net::Loop loop_{clock_};
};

}  // namespace bearer::test
