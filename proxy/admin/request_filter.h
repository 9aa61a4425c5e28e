// The selection of requests that GET /status/requests asks for.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bearer::admin {

struct RequestFilter {
  std::string route = {};  ///< as /status names it; empty: any
  bool failed = false;     ///< those that ended badly, or have met a fault so far
  std::size_t most = 512;  ///< of those in flight, and of those that ended
};

/// The selection by the query of GET /status/requests: `route=/crm/`, `failed=1`, `limit=100`,
/// joined by `&`. nullopt if a parameter is unknown or malformed.
std::optional<RequestFilter> request_filter(std::string_view query);

}  // namespace bearer::admin
