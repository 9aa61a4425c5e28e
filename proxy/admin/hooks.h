// The functions by which the admin port uses the rest of the program. It knows no other part.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "admin/history.h"
#include "admin/request_filter.h"
#include "base/log_line.h"
#include "base/metrics.h"

namespace bearer::admin {

/// Called on the admin port's thread. None waits for the data plane.
struct Hooks {
  std::function<std::string()> status;  ///< the reply to GET /status
  std::function<History::Counts()> counts;
  std::function<std::optional<std::string>()> unready;  ///< why the proxy is not ready, if so
  std::function<base::MetricFamilies()> metrics;
  /// Writes the reply to GET /status/requests. Any thread.
  using WriteRequests = std::function<std::string()>;
  /// Calls its argument once, on any thread, with what writes the requests that the filter takes.
  std::function<void(const RequestFilter&, std::function<void(WriteRequests)>)> requests = {};
  /// Calls its argument once, on any thread, after every event loop has turned.
  std::function<void(std::function<void()>)> beat;
  std::function<void()> refresh;  ///< renews every credential's token
  std::function<void()> drain;    ///< no longer ready from now on, but serving
  std::function<void(base::LogLevel)> set_log_level;
  std::function<void()> quit;  ///< begins to end the program, after a drain
};

}  // namespace bearer::admin
