// Writes one JSON object a request (--access-log).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/line_output.h"
#include "base/result.h"
#include "relay/telemetry/observer.h"

namespace bearer::relay {

/// Thread-safe: lines do not mix. A line that cannot be written is lost, and the log says so
/// once; traffic goes on.
class AccessLog {
 public:
  /// Appends to `path`, or to stdout for `-`. Errc::file_unreadable with the system's reason.
  static base::Result<std::unique_ptr<AccessLog>> open(const std::string& path, bool with_query,
                                                       const base::Clock& clock);
  ~AccessLog();

  void write(const ExchangeEnd& end);

  /// Goes on in the file that has the path's name now, after the former was moved away. If there
  /// can be none, it keeps writing to the former, and the log says why.
  void reopen();

  /// Lines that could not be written. Any thread.
  std::uint64_t lost() const { return lost_; }

 private:
  AccessLog(int fd, std::string path, bool with_query, const base::Clock& clock)
      : fd_(fd), path_(std::move(path)), with_query_(with_query), clock_(clock) {}

  int write_in_turn(std::string_view line);

  const int fd_;
  std::mutex turn_;
  base::LineOutput output_{fd_};
  const std::string path_;
  const bool with_query_;
  const base::Clock& clock_;
  std::atomic<bool> failing_ = false;
  std::atomic<std::uint64_t> lost_ = 0;
};

}  // namespace bearer::relay
