// Other threads hand the program's own thread what it is to do.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "base/clock.h"

namespace bearer::app {

/// Thread-safe but for run(), which is for one thread at a time.
class MainLoop {
 public:
  /// Runs `task` on the thread that is in run(), in the order of posting; dropped if there is none
  /// any more.
  void post(std::function<void()> task);
  /// Ends the run() that is under way, or the next, once what was posted before has been done.
  void stop();
  /// Does what is posted until somebody says leave(), or `patience` has passed.
  void run(base::Duration patience = base::Duration::max());

 private:
  bool wait(std::unique_lock<std::mutex>& lock, base::Instant deadline);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> tasks_;
  bool leaving_ = false;
};

}  // namespace bearer::app
