// A trouble that comes again and again, and when to speak of it: at once, while it lasts once in a
// while, and when it is over.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "base/clock.h"

namespace bearer::base {

/// Thread-safe.
class Recurrence {
 public:
  static constexpr Duration kApart = std::chrono::minutes(1);  ///< between two lines
  static constexpr Duration kCalm = std::chrono::seconds(10);  ///< without it, and it is over

  /// It has come. If it is to be told now: how often it came since it was last told.
  std::optional<std::int64_t> come(Instant now);
  /// If it is over, and that was not told yet: how often it came since it was last told.
  std::optional<std::int64_t> gone(Instant now);

 private:
  std::mutex mutex_;
  bool lasts_ = false;
  std::int64_t untold_ = 0;
  Instant told_, came_;
};

}  // namespace bearer::base
