// Runs tasks of other threads on the program's main thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "base/clock.h"

namespace bearer::app {

/// Thread-safe, except for run(), which one thread at a time may call.
class MainLoop {
 public:
  /// Runs `task` on the thread that is in run(), in the order of posting. Drops it if no run()
  /// follows.
  void post(std::function<void()> task);
  /// Ends the current run(), or the next one, after the tasks that were posted before.
  void stop();
  /// Runs posted tasks until stop(), or until `patience` has passed.
  void run(base::Duration patience = base::Duration::max());

 private:
  bool wait(std::unique_lock<std::mutex>& lock, base::Instant deadline);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> tasks_;
  bool leaving_ = false;
};

}  // namespace bearer::app
