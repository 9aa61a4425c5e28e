// One JSON object a request (contract section 2, --access-log).
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "relay/observer.h"

namespace bearer::relay {

/// Thread-safe: a line is one write. A line that cannot be written is lost, and said once in the
/// log: traffic goes on.
class AccessLog {
 public:
  /// Appends to `path`, or to stdout for `-`. Errc::file_unreadable with the system's reason.
  static base::Result<std::unique_ptr<AccessLog>> open(const std::string& path, bool with_query,
                                                       const base::Clock& clock);
  ~AccessLog();

  void write(const ExchangeEnd& end);

 private:
  AccessLog(int fd, bool with_query, const base::Clock& clock)
      : fd_(fd), with_query_(with_query), clock_(clock) {}

  const int fd_;
  const bool with_query_;
  const base::Clock& clock_;
  std::atomic<bool> failing_ = false;
};

}  // namespace bearer::relay
