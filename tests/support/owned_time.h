// Time that stands still until the test moves it, and a loop of the program that goes by it.
#pragma once

#include <chrono>
#include <future>
#include <mutex>

#include "base/clock.h"
#include "token/control_loop.h"

namespace bearer::test {

/// Begins at an arbitrary instant, 2026-01-01 on the wall.
class OwnedTime final : public base::Clock {
 public:
  base::Instant now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  base::WallTime wall() const override {
    const std::lock_guard lock(mutex_);
    return base::WallTime(std::chrono::seconds(1'767'225'600)) + (now_ - kStart);
  }

  /// Moves on, and lets the loop do all that is due by then.
  void advance(base::Duration duration) {
    move_on(duration);
    settle();
  }
  /// The same, but waits for nobody.
  void move_on(base::Duration duration) {
    const std::lock_guard lock(mutex_);
    now_ += duration;
  }

  /// Blocks until the loop has nothing left to do. Each round is a turn of the loop.
  void settle() {
    constexpr int kTurns = 8;
    for (int i = 0; i < kTurns; ++i) {
      std::promise<void> turned;
      loop().post([&turned] { turned.set_value(); });
      turned.get_future().wait();
    }
  }

  token::ControlLoop& control() { return control_; }
  net::Loop& loop() { return control_.loop(); }

 private:
  static constexpr base::Instant kStart{std::chrono::hours(1000)};

  mutable std::mutex mutex_;
  base::Instant now_ = kStart;
  token::ControlLoop control_{*this};  // last: it uses the above
};

}  // namespace bearer::test
