// Writes the state of the parts for the admin port.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/history.h"
#include "app/credentials.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "relay/route.h"
#include "relay/telemetry/counter_registry.h"
#include "relay/telemetry/request_list.h"
#include "token/refresh/observer.h"
#include "token/source.h"

namespace bearer::app {

/// A credential at one moment. Nothing that is shown of it is a secret.
struct CredentialFacts {
  std::string name;
  std::string source;  ///< where its tokens come from: `https://login.example.com`
  token::State state;
  token::RefreshCounts counts;
};
/// Those in force.
std::vector<CredentialFacts> facts_of(const CredentialSet& credentials);

/// Returns why the proxy is not ready; nullopt if it is. `draining`: the process ends, or was told
/// to be no longer ready.
std::optional<std::string> unready(bool draining, const std::vector<CredentialFacts>& credentials,
                                   base::Instant now);

/// The proxy at one moment.
struct StatusFacts {
  base::Instant now;
  base::WallTime wall;  ///< `now` on the other clock
  base::Duration uptime{};
  bool draining = false;
  std::vector<CredentialFacts> credentials = {};
  const relay::RouteTable& routes;
  relay::Totals totals;
  std::vector<base::Problem> problems = {};  ///< the last ones, the latest first
};

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
std::string status_json(const StatusFacts& facts);

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
///
/// The records are those at `now`, which is `wall` on the other clock.
std::string requests_json(const std::vector<relay::RequestRecord>& requests, base::Instant now,
                          base::WallTime wall);

/// All but the moment: what the history keeps.
admin::History::Counts counts_of(const relay::Totals& totals,
                                 const std::vector<CredentialFacts>& credentials);

/// Token requests and expiry, by credential.
base::MetricFamilies metrics_of(const std::vector<CredentialFacts>& credentials,
                                const base::Clock& clock);

}  // namespace bearer::app
