#include "app/watchdog.h"

#include <utility>

namespace bearer::app {

Watchdog::Watchdog(const ServiceManager& manager, Beat beat) : manager_(manager) {
  if (!manager.watchdog()) return;
  thread_ = std::thread([this, interval = *manager.watchdog() / 2, asked = std::move(beat)] {
    run(interval, asked);
  });
}

Watchdog::~Watchdog() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    shutdown_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void Watchdog::run(base::Duration interval, const Beat& beat) {
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    beat([&manager = manager_] { manager.alive(); });
    lock.lock();
  } while (!ended_.wait_for(lock, interval, [this] { return shutdown_; }));
}

}  // namespace bearer::app
