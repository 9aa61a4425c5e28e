#include "app/main_loop.h"

#include <utility>

namespace bearer::app {

void MainLoop::post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  changed_.notify_one();
}

void MainLoop::stop() {
  const std::lock_guard lock(mutex_);
  leaving_ = true;
  changed_.notify_one();
}

void MainLoop::run(base::Duration patience) {
  const auto deadline = base::after(base::system_clock().now(), patience);
  for (bool last = false; !last;) {
    std::vector<std::function<void()>> tasks;
    {
      std::unique_lock lock(mutex_);
      last = !wait(lock, deadline);
      tasks.swap(tasks_);
    }
    for (const auto& task : tasks) task();
  }
  const std::lock_guard lock(mutex_);
  leaving_ = false;
}

/// False once there is nothing more to wait for.
bool MainLoop::wait(std::unique_lock<std::mutex>& lock, base::Instant deadline) {
  const auto awaited = [&] { return leaving_ || !tasks_.empty(); };
  if (deadline == base::kNever) {
    changed_.wait(lock, awaited);
  } else if (!changed_.wait_for(lock, deadline - base::system_clock().now(), awaited)) {
    return false;
  }
  return !leaving_;
}

}  // namespace bearer::app
