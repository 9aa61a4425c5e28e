#include "app/status.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/errc.h"
#include "token/refresh/token_refresher.h"

namespace bearer::app {
namespace {

std::string_view name(token::State::Health health) {
  switch (health) {
    case token::State::Health::starting: return "starting";
    case token::State::Health::good: return "good";
    case token::State::Health::unavailable: return "unavailable";
    case token::State::Health::rejected: return "rejected";
  }
  return "unavailable";
}

admin::CredentialStatus status_of(const CredentialSet::InForce& credential, base::Instant now) {
  const token::State state = credential.keeper->state();
  const token::RefreshCounts counts = credential.keeper->counts();
  admin::CredentialStatus status{.name = credential.name,
                                 .source = credential.origin,
                                 .state = name(state.health),
                                 .reason = state.reason,
                                 .fetched = counts.fetched,
                                 .failed = counts.failures()};
  // A next try in the past, however far, begins now.
  if (state.next_try != base::kNever) status.next_try = std::max(state.next_try, now) - now;
  status.valid = state.valid(now);
  if (!state.token) return status;
  status.generation = state.token->generation;
  status.expires = state.token->expires - now;
  status.lifetime = counts.lifetime;
  return status;
}

admin::RouteStatus::Outcomes outcomes(const relay::RouteTotals& totals) {
  using Outcomes = admin::RouteStatus::Outcomes;
  constexpr std::array kByClass = {&Outcomes::left,         &Outcomes::informational,
                                   &Outcomes::successful,   &Outcomes::redirected,
                                   &Outcomes::client_error, &Outcomes::server_error};
  Outcomes sums;
  for (const auto& [kind, count] : totals.requests) {
    const auto status_class = static_cast<std::size_t>(kind.status / 100);
    const bool known = status_class < kByClass.size();
    sums.*(known ? kByClass[status_class] : &Outcomes::other) += count;
  }
  return sums;
}

/// The reasons that occurred, by name.
template <typename Value, std::size_t N>
std::map<std::string, Value> by_name(const std::array<Value, N>& values,
                                     const std::array<std::string_view, N>& names) {
  std::map<std::string, Value> named;
  for (std::size_t i = 0; i < N; ++i) {
    if (values[i] != Value{}) named[std::string(names[i])] = values[i];
  }
  return named;
}

admin::RequestStatus::Attempt status_of(const relay::AttemptNote& attempt) {
  return {.cause = relay::kCauseNames[static_cast<std::size_t>(attempt.cause)],
          .outcome = attempt.fault ? std::string(base::name(*attempt.fault))
                                   : std::to_string(attempt.status),
          .waited = attempt.waited,
          .took = attempt.took};
}

admin::RequestStatus status_of(const relay::RequestRecord& request, base::Instant now,
                               base::WallTime wall) {
  admin::RequestStatus status{.began = wall - (now - request.began),
                              .method = request.method,
                              .path = request.path,
                              .route = request.route,
                              .id = request.id,
                              .http = request.http,
                              .path_cut = request.path_cut,
                              .attempts = {},
                              .attempts_made = request.attempts_made,
                              .took = request.took,
                              .waited = request.waited,
                              .status = request.status,
                              .error = request.error,
                              .over = request.over,
                              .whole = request.whole};
  for (const relay::AttemptNote& attempt : request.attempts) {
    status.attempts.push_back(status_of(attempt));
  }
  if (request.waits) {
    const relay::WaitUnderWay& wait = *request.waits;
    const base::Duration since = now - wait.since;
    status.waited += since;
    status.waits = {relay::name(wait.reason), since, wait.until - now, wait.end_known};
  }
  return status;
}

void fill_in(admin::RouteStatus& status, const relay::RouteTotals& totals) {
  status.requests = outcomes(totals);
  status.in_flight = totals.in_flight;
  auto retries = totals.attempts;
  retries[static_cast<std::size_t>(relay::Cause::first)] = 0;
  status.replays = std::exchange(retries[static_cast<std::size_t>(relay::Cause::unauthorized)], 0);
  status.retries = by_name(retries, relay::kCauseNames);
  status.waited = by_name(totals.waited.by_reason, relay::kWaitNames);
  status.waiting = by_name(totals.waiting, relay::kWaitNames);
  status.bodies_unkept = by_name(totals.bodies_unkept, relay::kUnkeptNames);
  status.cut_short = by_name(totals.cut_short, relay::kCutNames);
  status.latencies = totals.latencies.since(totals.unrelayed);
  status.upstream_active = totals.upstream_active;
  status.upstream_idle = totals.upstream_idle;
}

admin::RouteStatus status_of(const relay::Route& route, const relay::Totals& totals,
                             base::Instant now) {
  admin::RouteStatus status;
  status.route = route.options.label();
  status.upstream = route.options.upstream.text();
  status.credential = route.options.credential;
  const auto counted = totals.routes.find(status.route);
  if (counted != totals.routes.end()) fill_in(status, counted->second);
  if (route.pause.ends() > now) status.paused = route.pause.ends() - now;
  if (const auto told = route.pacer.told(); told && told->resets > now) {
    status.quota = {told->limit, told->remaining, told->resets - now};
  }
  return status;
}

// These begin at 0. If a counter began at 1, nobody would see the first event (Prometheus'
// increase()).
constexpr base::Errc kTokenFailures[] = {
    base::Errc::token_unreachable, base::Errc::token_rate_limited,   base::Errc::token_server_error,
    base::Errc::token_rejected,    base::Errc::token_command_failed, base::Errc::token_malformed,
    base::Errc::internal_fault,
};

/// `rejected` for token_rejected, and for the rejection that may pass.
std::string result_name(base::Errc code) {
  if (code == base::Errc::token_unauthorized) code = base::Errc::token_rejected;
  constexpr std::string_view kToken = "token_";
  std::string_view text = base::name(code);
  if (text.starts_with(kToken)) text.remove_prefix(kToken.size());
  return std::string(text);
}

/// The moment on the wall clock, in seconds since the epoch.
double timestamp(base::Instant moment, const base::Clock& clock) {
  const base::WallTime wall = clock.wall() + (moment - clock.now());
  return std::chrono::duration<double>(wall.time_since_epoch()).count();
}

}  // namespace

std::vector<admin::CredentialStatus> status_of(const CredentialSet& credentials,
                                               base::Instant now) {
  std::vector<admin::CredentialStatus> list;
  for (const CredentialSet::InForce& credential : credentials.list()) {
    list.push_back(status_of(credential, now));
  }
  return list;
}

std::vector<admin::RouteStatus> status_of(const relay::Snapshot& snapshot,
                                          const relay::Totals& totals, base::Instant now) {
  std::vector<admin::RouteStatus> list;
  for (const auto& route : snapshot.routes.routes()) list.push_back(status_of(*route, totals, now));
  return list;
}

std::vector<admin::RouteStatus> status_of_used(const relay::Snapshot& snapshot,
                                               const relay::Totals& totals, base::Instant now) {
  std::vector<admin::RouteStatus> list;
  for (const auto& route : snapshot.routes.routes()) {
    if (totals.routes.contains(route->label)) list.push_back(status_of(*route, totals, now));
  }
  return list;
}

std::vector<admin::RequestStatus> status_of(const std::vector<relay::RequestRecord>& requests,
                                            base::Instant now, base::WallTime wall) {
  std::vector<admin::RequestStatus> list;
  for (const relay::RequestRecord& request : requests) {
    list.push_back(status_of(request, now, wall));
  }
  return list;
}

base::MetricFamilies metrics_of(const CredentialSet& credentials, const base::Clock& clock) {
  base::MetricFamily refreshes = base::counter_family(
      "token_refresh_total",
      "Token requests, by what became of them; shared: another process made it");
  base::MetricFamily forced = base::counter_family(
      "token_refresh_forced_total", "Token requests that a 401 of the upstream made necessary");
  base::MetricFamily expiry = base::gauge_family("token_expiry_timestamp_seconds",
                                                 "When the token ends, in seconds since the epoch");
  for (const CredentialSet::InForce& credential : credentials.list()) {
    const base::MetricLabels labels{{"credential", credential.name}};
    const token::RefreshCounts counts = credential.keeper->counts();
    const auto add = [&](const std::string& result, std::uint64_t count) {
      base::add_sample(refreshes, {{"credential", credential.name}, {"result", result}}, count);
    };
    add("ok", counts.fetched);
    add("shared", counts.shared);
    std::map<std::string, std::uint64_t> failed;
    for (const base::Errc code : kTokenFailures) failed[result_name(code)] = 0;
    for (const auto& [code, count] : counts.failed) failed[result_name(code)] += count;
    for (const auto& [result, count] : failed) add(result, count);
    base::add_sample(forced, labels, counts.forced);
    const token::State state = credential.keeper->state();
    if (state.token) base::add_sample(expiry, labels, timestamp(state.token->expires, clock));
  }
  return {refreshes, forced, expiry};
}

}  // namespace bearer::app
