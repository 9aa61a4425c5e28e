// Keeps the last warnings and errors of the log for later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log_line.h"

namespace bearer::base {

/// A warning or an error: all lines of one sentence.
struct Problem {
  LogLevel level = LogLevel::warning;
  std::string sentence;  ///< with its fix
  std::string details;   ///< the fields of the last line: `key=value key="quoted value"`
  WallTime first, last;
  std::uint64_t count = 1;
};

/// Thread-safe. A problem that recurs takes one place.
class RecentProblems {
 public:
  static constexpr std::size_t kKept = 50;

  /// `details` are those of this time. Problems with the same sentence are the same.
  void add(LogLevel level, std::string_view sentence, std::string details, WallTime now);
  /// The latest first.
  std::vector<Problem> read() const;

 private:
  mutable std::mutex mutex_;
  std::deque<Problem> kept_;  // the latest first
};

}  // namespace bearer::base
