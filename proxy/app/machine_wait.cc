#include "app/machine_wait.h"

namespace bearer::app {

void MachineWait::wait_until(base::Instant until) {
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, until - clock_.now(), [this] { return wake_; });
  wake_ = false;
}

void MachineWait::wake() {
  {
    const std::lock_guard lock(mutex_);
    wake_ = true;
  }
  woken_.notify_one();
}

}  // namespace bearer::app
