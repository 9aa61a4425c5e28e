// Counts how many requests of a route wait for one thing, and for how long, while the waits go on
// and not only at their ends.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "base/published.h"

namespace bearer::relay {

/// Its loop alone writes it, without a lock, and any thread reads it.
class WaitMeter {
 public:
  // On the loop's thread.
  void begin(base::Instant now) { change(now, 1); }
  void end(base::Instant now) { change(now, -1); }

  struct Reading {
    std::uint64_t waiting = 0;  ///< now
    base::Duration waited{};    ///< by all, including those that still wait
  };
  /// The numbers at `now`. `waited` never shrinks, because it becomes a counter.
  Reading read(base::Instant now) const;

 private:
  struct State {
    std::int64_t waiting = 0;
    base::Duration waited{};  ///< up to `since`
    base::Instant since{};
  };
  void change(base::Instant now, int more);

  State state_;  // the writer's own
  base::Published<State> published_;
  mutable std::atomic<base::Duration::rep> told_{0};
};

}  // namespace bearer::relay
