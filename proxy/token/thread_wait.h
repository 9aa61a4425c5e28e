// The wait of the refresher's thread. It is passed in, so that a test controls time.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/clock.h"

namespace bearer::token {

/// wait_until() is called by one thread, wake() by any.
class ThreadWait {
 public:
  virtual ~ThreadWait() = default;

  /// Returns at `until`, or on a wake() since the last call returned, whichever comes first.
  virtual void wait_until(base::Instant until) = 0;
  virtual void wake() = 0;
};

/// Waits on the machine's time. A condition variable stands still while a laptop sleeps and
/// CLOCK_BOOTTIME does not, so a caller that cares waits in slices of a few seconds.
class MachineWait final : public ThreadWait {
 public:
  /// `clock` must outlive this object.
  explicit MachineWait(const base::Clock& clock) : clock_(clock) {}

  void wait_until(base::Instant until) override;
  void wake() override;

 private:
  const base::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wake_ = false;
};

}  // namespace bearer::token
