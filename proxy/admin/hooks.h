// The functions by which the admin port uses the rest of the program. It knows no other part.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "admin/requests.h"
#include "admin/status.h"
#include "base/log_line.h"
#include "base/metrics.h"

namespace bearer::admin {

/// Called on the admin port's thread. None waits for the data plane.
struct Hooks {
  std::function<Status()> status;
  /// The status without the routes to which no request came: costs less.
  std::function<Status()> counted;
  std::function<std::optional<std::string>()> unready;  ///< see admin::unready(): costs less
  std::function<base::MetricFamilies()> metrics;
  /// Calls its argument once, on any thread, with the requests that the filter takes.
  std::function<void(const RequestFilter&, std::function<void(std::vector<RequestStatus>)>)>
      requests = {};
  /// Calls its argument once, on any thread, after every event loop has turned.
  std::function<void(std::function<void()>)> beat;
  std::function<void()> refresh;  ///< renews every credential's token
  std::function<void()> drain;    ///< no longer ready from now on, but serving
  std::function<void(base::LogLevel)> set_log_level;
  std::function<void()> quit;  ///< begins to end the program, after a drain
};

}  // namespace bearer::admin
