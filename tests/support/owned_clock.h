// Time that stands still until the test moves it, read by the threads of the program.
#pragma once

#include <atomic>
#include <chrono>

#include "base/clock.h"

namespace bearer::test {

/// Begins at an arbitrary instant, 2026-01-01 on the wall.
class OwnedClock final : public base::Clock {
 public:
  base::Instant now() const override {
    return base::Instant(base::Duration(now_.fetch_add(step_)));
  }
  base::WallTime wall() const override {
    return base::WallTime(std::chrono::seconds(1'767'225'600)) + base::Duration(now_ - kStart);
  }
  /// From now on each look at it takes this long.
  void tick(base::Duration step) { step_ = step.count(); }
  void advance(base::Duration duration) { now_ += duration.count(); }

 private:
  static constexpr base::Duration::rep kStart = base::Duration(std::chrono::hours(1000)).count();
  mutable std::atomic<base::Duration::rep> now_ = kStart;
  std::atomic<base::Duration::rep> step_ = 0;
};

}  // namespace bearer::test
