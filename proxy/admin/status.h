// The state of the proxy as values, which GET /status and the page show. None is a secret.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/latency.h"
#include "base/log.h"

namespace bearer::admin {

inline std::int64_t unix_milliseconds(base::WallTime moment) {
  return std::chrono::floor<std::chrono::milliseconds>(moment.time_since_epoch()).count();
}

struct CredentialStatus {
  std::string name;
  std::string source;            ///< where its tokens come from: `https://login.example.com`
  std::string_view state;        ///< starting, good, unavailable or rejected, by the recent fetches
  std::string reason = {};       ///< of the last failure, with its fix; empty if good
  bool valid = false;            ///< there is a token that has not expired
  std::uint64_t generation = 0;  ///< of the token; 0: there has been none
  std::optional<base::Duration> expires = {};   ///< from now; negative once it has expired
  std::optional<base::Duration> lifetime = {};  ///< of the whole token, when it came
  std::optional<base::Duration> next_try = {};  ///< from now; none while a fetch is under way
  std::uint64_t fetched = 0, failed = 0;        ///< token requests since the start
};

/// Counts since the process started.
struct RouteStatus {
  /// Clients' requests by how they ended: by the answer's class, or because the client left.
  /// `other` are the statuses from 600 on, which have no class.
  struct Outcomes {
    std::uint64_t informational = 0, successful = 0, redirected = 0, client_error = 0,
                  server_error = 0, left = 0, other = 0;
    bool operator==(const Outcomes&) const = default;
  };
  struct Quota {
    std::optional<std::uint64_t> limit;
    std::uint64_t remaining = 0;
    base::Duration reset{};  ///< from now
  };

  std::string route;  ///< host and path: `/crm/`
  std::string upstream, credential;
  Outcomes requests;
  std::uint64_t in_flight = 0;
  std::uint64_t replays = 0;                           ///< after a 401
  std::map<std::string, std::uint64_t> retries;        ///< by the cause
  std::map<std::string, base::Duration> waited;        ///< by the reason
  std::map<std::string, std::uint64_t> waiting = {};   ///< requests that wait now, by the reason
  std::map<std::string, std::uint64_t> bodies_unkept;  ///< by the reason
  std::map<std::string, std::uint64_t> cut_short;      ///< answers that are not whole, by why
  base::Latencies latencies;                           ///< of responses that were relayed
  std::optional<base::Duration> paused = {};           ///< from now until the pause's end
  std::optional<Quota> quota = {};                     ///< as the upstream reported it last
  std::uint64_t upstream_active = 0, upstream_idle = 0;
};

struct Status {
  std::string version;
  base::Duration uptime{};
  base::WallTime now;
  bool draining = false;  ///< the process ends, or was told to be no longer ready
  std::uint64_t loops = 0, clients = 0;
  std::vector<CredentialStatus> credentials = {};
  std::vector<RouteStatus> routes = {};
  std::vector<base::Problem> problems = {};  ///< the last ones, the latest first
};

/// Returns why the proxy is not ready; nullopt if it is.
std::optional<std::string> unready(bool draining, const std::vector<CredentialStatus>& credentials);

/// The reply to GET /status. Durations are numbers of seconds, times are milliseconds since the
/// epoch. Missing values are left out.
///
///   {"version": "0.1.0", "now_ms": 1790000000000, "uptime_s": 12.5, "ready": true, "loops": 1,
///    "draining": false, "clients": 3,            (and "unready": "why" where it is not)
///    "credentials": [{"name": "default", "source": "https://login.example.com", "state": "good",
///      "valid": true, "generation": 2, "expires_in_s": 3.2, "lifetime_s": 5.0,
///      "next_try_in_s": 1.1, "fetched": 2, "failed": 0}],      (and "reason" where it has failed)
///    "routes": [{"route": "/", "upstream": "https://api.example.com", "credential": "default",
///      "requests": {"1xx": 0, "2xx": 9, "3xx": 0, "4xx": 0, "5xx": 0, "left": 0,
///      "other": 0},
///      "in_flight": 1, "replays": 0, "retries": {"status_429": 2},
///      "waited_s": {"backoff": 1.5}, "waiting": {"backoff": 1}, "bodies_not_kept": {"too_large":
///      1}, "cut_short": {"upstream_closed": 1}, "latency_s": {"p50": 0.004, "p90": 0.01, "p99":
///      0.2}, "paused_for_s": 2.5, "quota":
///      {"limit": 300, "remaining": 12, "reset_in_s": 20.0}, "upstream_connections": {"active": 1,
///      "idle": 2}}],
///    "problems": [{"first_ms": 1790000000000, "last_ms": 1790000000000, "count": 1,
///      "level": "warn", "message": "what happened; what to do", "details": "key=value
///      key=value"}]}
///
/// `ready` and the rest of /readyz come from the same values. A route or a credential that a reload
/// has removed is no longer listed.
std::string status_json(const Status& status);

}  // namespace bearer::admin
