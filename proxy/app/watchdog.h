// Tells the service manager that we live, as long as the event loops turn.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "app/service_manager.h"
#include "base/clock.h"

namespace bearer::app {

/// Does nothing if there is no watchdog.
class Watchdog {
 public:
  /// Calls `then`, on any thread, after all loops have turned; never if one hangs.
  using Beat = std::function<void(std::function<void()> then)>;

  /// Asks for a beat twice in the manager's time. `manager` outlives the last beat.
  Watchdog(const ServiceManager& manager, Beat beat);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void run(base::Duration interval, const Beat& beat);

  const ServiceManager& manager_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool shutdown_ = false;
  std::thread thread_;
};

}  // namespace bearer::app
