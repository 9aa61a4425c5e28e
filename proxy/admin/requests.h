// The requests in flight and the last that ended, as values, which GET /status/requests and the
// page show. Nothing in them is a secret.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace bearer::admin {

/// The selection of requests.
struct RequestFilter {
  std::string route = {};  ///< as /status names it; empty: any
  bool failed = false;     ///< those that ended badly, or have met a fault so far
  std::size_t most = 512;  ///< of those in flight, and of those that ended
};

/// The selection by the query of GET /status/requests: `route=/crm/`, `failed=1`, `limit=100`,
/// joined by `&`. nullopt if a parameter is unknown or malformed.
std::optional<RequestFilter> request_filter(std::string_view query);

struct RequestStatus {
  struct Attempt {
    std::string_view cause;   ///< why it was made: `first`, `status_429`
    std::string outcome;      ///< the status, or the name of the fault
    base::Duration waited{};  ///< by the request, since the previous attempt
    base::Duration took{};    ///< to the response's head
  };
  struct Waiting {
    std::string_view reason = {};  ///< `token`, `pause`
    base::Duration since{};        ///< its length so far
    base::Duration until{};        ///< from now: its end, or when the request gives up
    bool end_known = false;
  };

  base::WallTime began = {};
  std::string method = {}, path = {}, route = {}, id = {};
  std::string_view http = {};          ///< the client's version: `1.1`, `2`
  bool path_cut = false;               ///< `path` is the beginning of a longer one
  std::vector<Attempt> attempts = {};  ///< the last of them
  int attempts_made = 0;
  base::Duration took{};        ///< until now if it is in flight
  base::Duration waited{};      ///< part of `took`
  int status = 0;               ///< as the client got or gets it; 0: none
  std::string_view error = {};  ///< of Proxy-Status, if the answer is the proxy's own
  bool over = false;
  bool whole = false;
  std::optional<Waiting> waits = {};
};

/// The reply to GET /status/requests. Durations are numbers of seconds, times are milliseconds
/// since the epoch. Missing values are left out.
///
///   {"now_ms": 1790000000000,
///    "under_way": [{"began_ms": 1789999999000, "method": "GET", "path": "/users", "http": "2",
///    "route": "/",
///      "id": "4f", "attempts": [{"cause": "first", "outcome": "429", "waited_s": 0.0,
///      "took_s": 0.02}], "attempts_made": 1, "took_s": 1.0, "waited_s": 0.0,
///      "waits": {"for": "backoff", "since_s": 0.98, "until_ms": 1790000001000,
///      "end_known": true}}],
///    "ended": [{…, "status": 502, "error": "connection_refused", "whole": true}]}
///
/// The requests in flight come with the oldest first, the others with the latest first. `path` has
/// no query; `path_cut` is there if the path is longer. `attempts` are the last 16; `status` is 0
/// if the client left before its answer. `end_known` is false if `until_ms` is the time at which
/// the request gives up.
std::string requests_json(const std::vector<RequestStatus>& requests, base::WallTime now);

}  // namespace bearer::admin
