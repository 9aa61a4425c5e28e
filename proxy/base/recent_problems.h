// The last warnings and errors of the log, kept for whoever looks later.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"

namespace bearer::base {

/// Thread-safe. One problem that comes again and again takes one place.
class RecentProblems {
 public:
  static constexpr std::size_t kKept = 50;

  /// `details` are of this time; the sentence tells one problem from another.
  void add(LogLevel level, std::string_view sentence, std::string details, WallTime now);
  /// The latest first.
  std::vector<Problem> read() const;

 private:
  mutable std::mutex mutex_;
  std::deque<Problem> kept_;  // the latest first
};

}  // namespace bearer::base
