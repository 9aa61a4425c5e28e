// Decides for how long a route's answers are searched for links that lead away from the proxy.
#pragma once

#include <atomic>

namespace bearer::relay {

/// Any thread. After the watch has ended, a query costs one load.
class LinkWatch {
 public:
  static constexpr int kBodiesMax = 64;  ///< an API that has shown none by then has none

  bool over() const { return left_.load(std::memory_order_relaxed) <= 0; }
  /// True if one more body is to be searched.
  bool begin() { return !over() && left_.fetch_sub(1, std::memory_order_relaxed) > 0; }
  /// A link was seen: ends the watch. True for the first one, which is to be reported.
  bool saw() {
    left_.store(0, std::memory_order_relaxed);
    return !seen_.exchange(true, std::memory_order_relaxed);
  }

 private:
  std::atomic<int> left_ = kBodiesMax;
  std::atomic<bool> seen_ = false;
};

}  // namespace bearer::relay
