// The admin port asks the rest of the program by these functions: it knows no other part.
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
  std::function<std::optional<std::string>()> unready;  ///< see admin::unready(): costs less
  std::function<base::MetricFamilies()> metrics;
  /// Calls what it is given once, on any thread, with the requests that the filter takes.
  std::function<void(const RequestFilter&, std::function<void(std::vector<RequestStatus>)>)>
      requests = {};
  /// Calls what it is given once, on any thread, when every event loop has turned since.
  std::function<void(std::function<void()>)> beat;
  std::function<void()> refresh;  ///< of every credential's token
  std::function<void()> drain;    ///< not ready from now on, but served
  std::function<void(base::LogLevel)> set_log_level;
  std::function<void()> quit;  ///< begins to end the program: after a drain
};

}  // namespace bearer::admin
