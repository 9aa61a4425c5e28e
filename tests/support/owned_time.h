// Time that stands still until the test moves it, and a thread of the program that waits by it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "base/clock.h"
#include "token/thread_wait.h"

namespace bearer::test {

/// Its Waiting is for one thread. Begins at an arbitrary instant, 2026-01-01 on the wall.
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

  /// Moves on, and lets the waiting thread do all that is due by then.
  void advance(base::Duration duration) {
    move_on(duration);
    settle();
  }
  /// The same, but waits for nobody.
  void move_on(base::Duration duration) {
    {
      const std::lock_guard lock(mutex_);
      now_ += duration;
    }
    changed_.notify_all();
  }

  /// Blocks until the thread sleeps and nothing is left for it to do. The limit is for a broken
  /// program only.
  void settle() {
    std::unique_lock lock(mutex_);
    const auto idle = [this] { return asleep_ && !woken_ && until_ > now_; };
    if (!changed_.wait_for(lock, std::chrono::seconds(20), idle)) {
      throw std::runtime_error("the thread under test never went to sleep");
    }
  }

  /// Until when the sleeping thread asked to sleep. REQUIRES: settled.
  base::Instant sleeps_until() const {
    const std::lock_guard lock(mutex_);
    return until_;
  }

  std::unique_ptr<token::ThreadWait> waiting() { return std::make_unique<Waiting>(*this); }

 private:
  class Waiting final : public token::ThreadWait {
   public:
    explicit Waiting(OwnedTime& time) : time_(time) {}
    void wait_until(base::Instant until) override {
      std::unique_lock lock(time_.mutex_);
      time_.asleep_ = true;
      time_.until_ = until;
      time_.changed_.notify_all();
      time_.changed_.wait(lock, [&] { return time_.woken_ || time_.now_ >= until; });
      time_.asleep_ = time_.woken_ = false;
    }
    void wake() override {
      {
        const std::lock_guard lock(time_.mutex_);
        time_.woken_ = true;
      }
      time_.changed_.notify_all();
    }

   private:
    OwnedTime& time_;
  };

  static constexpr base::Instant kStart{std::chrono::hours(1000)};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  base::Instant now_ = kStart;
  base::Instant until_;
  bool asleep_ = false;
  bool woken_ = false;
};

}  // namespace bearer::test
