// Lets a thread of the program wait for an instant, or until it is woken.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/clock.h"

namespace bearer::app {

/// wait_until() is called by one thread, wake() by any. A condition variable stands still while a
/// laptop sleeps and CLOCK_BOOTTIME does not, so a caller who minds asks for slices of a few
/// seconds.
class MachineWait {
 public:
  /// `clock` must outlive this object.
  explicit MachineWait(const base::Clock& clock) : clock_(clock) {}

  /// Returns at `until`, or at a wake() since the last call returned, whichever comes first.
  void wait_until(base::Instant until);
  void wake();

 private:
  const base::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wake_ = false;
};

}  // namespace bearer::app
