// Decides when to report a recurring trouble: at once, once in a while as long as it lasts, and
// when it is over.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"

namespace bearer::base {

/// Thread-safe.
class Recurrence {
 public:
  static constexpr Duration kApart = std::chrono::minutes(1);  ///< between two lines
  static constexpr Duration kCalm = std::chrono::seconds(10);  ///< without it, and it is over

  /// It has occurred. If it is due for a report: how often it has occurred since the last one.
  std::optional<std::int64_t> come(Instant now);
  /// If it is over, and that was not reported yet: how often it has occurred since the last report.
  std::optional<std::int64_t> gone(Instant now);

 private:
  std::mutex mutex_;
  bool lasts_ = false;
  std::int64_t untold_ = 0;
  Instant told_, came_;
};

/// Decides which of many similar events are worth a line: the first, the second, the fourth, the
/// eighth, and any that comes a minute after the last line. So a line always tells their number to
/// within a factor of two, and thousands do not fill the log. Thread-safe.
class Repetitions {
 public:
  static constexpr Duration kApartMax = std::chrono::minutes(1);  ///< between two lines
  static constexpr Duration kForgotten =
      std::chrono::minutes(5);  ///< it starts again after this time without it
  static constexpr std::size_t kKindsMax = 256;

  /// One of that kind has occurred. If it is due for a line: how many of the kind there have been.
  std::optional<std::int64_t> come(const std::string& kind, Instant now);

 private:
  struct Kind {
    std::int64_t times = 0, next = 1;
    Instant told, came;
  };
  std::mutex mutex_;
  std::map<std::string, Kind> kinds_;
};

}  // namespace bearer::base
