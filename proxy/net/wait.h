// The deadline of a coroutine's wait, and the client whose departure ends it.
#pragma once

#include <algorithm>

#include "base/clock.h"
#include "net/loop.h"
#include "net/stream.h"

namespace bearer::net {

enum class Wake {
  ready,        ///< perhaps: look again
  timed_out,    ///< the deadline has passed
  peer_closed,  ///< the client that the wait is for has left, or `over` was set
};

/// A value. The objects that it refers to must outlive it.
struct Wait {
  Sleeper& sleeper;
  base::Instant deadline;
  Stream* cancel_on = nullptr;  ///< its peer's departure ends the wait; null: nothing does
  const bool* over = nullptr;   ///< its setter ends the wait, and wakes the sleeper

  bool left() const {
    return (cancel_on && cancel_on->peer_left(sleeper.loop().now())) || (over && *over);
  }

  /// `co_await wait.next()` sleeps once and returns a Wake. It returns `peer_closed` at once if the
  /// peer left before, during another wait, because that event does not come again.
  auto next() const {
    struct Awaiter {
      const Wait& wait;
      decltype(wait.sleeper.sleep(wait.deadline)) sleep;
      bool await_ready() noexcept { return wait.left() || sleep.await_ready(); }
      void await_suspend(std::coroutine_handle<> coroutine) { sleep.await_suspend(coroutine); }
      Wake await_resume() noexcept {
        if (wait.left()) return Wake::peer_closed;
        if (wait.sleeper.loop().now() >= wait.deadline) return Wake::timed_out;
        return Wake::ready;
      }
    };
    const base::Instant look = cancel_on ? cancel_on->look_again() : base::kNever;
    return Awaiter{*this, sleeper.sleep(std::min(deadline, look))};
  }
};

}  // namespace bearer::net
