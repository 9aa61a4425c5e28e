// A trouble that comes again and again, and when to speak of it: at once, while it lasts once in a
// while, and when it is over.
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

/// Events that are alike, and which of them are worth a line: the first, the second, the fourth,
/// the eighth, and whatever comes a minute after the last line. So a line always tells how many
/// there were to within a factor of two, and thousands do not fill the log. Thread-safe.
class Repetitions {
 public:
  static constexpr Duration kApartMax = std::chrono::minutes(1);  ///< between two lines
  static constexpr Duration kForgotten =
      std::chrono::minutes(5);  ///< without it, and it starts again
  static constexpr std::size_t kKindsMax = 256;

  /// One of that kind has come. If it is to be told: how many of the kind there have been.
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
