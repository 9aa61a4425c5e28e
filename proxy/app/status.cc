#include "app/status.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/errc.h"
#include "base/text.h"
#include "token/json.h"
#include "token/refresh/token_refresher.h"

namespace bearer::app {
namespace {

using base::seconds;
using Json = nlohmann::ordered_json;

std::string_view name(token::State::Health health) {
  switch (health) {
    case token::State::Health::starting: return "starting";
    case token::State::Health::good: return "good";
    case token::State::Health::unavailable: return "unavailable";
    case token::State::Health::rejected: return "rejected";
  }
  return "unavailable";
}

std::int64_t unix_milliseconds(base::WallTime moment) {
  return std::chrono::floor<std::chrono::milliseconds>(moment.time_since_epoch()).count();
}

Json json_of(const CredentialFacts& credential, base::Instant now) {
  const token::State& state = credential.state;
  Json object{{"name", credential.name},
              {"source", credential.source},
              {"state", name(state.health)},
              {"valid", state.valid(now)},
              {"generation", state.token ? state.token->generation : 0}};
  if (!state.reason.empty()) object["reason"] = state.reason;
  if (state.token) {
    object["expires_in_s"] = seconds(state.token->expires - now);
    object["lifetime_s"] = seconds(credential.counts.lifetime);
  }
  // A next try in the past, however far, begins now.
  if (state.next_try != base::kNever) {
    object["next_try_in_s"] = seconds(std::max(state.next_try, now) - now);
  }
  object["fetched"] = credential.counts.fetched;
  object["failed"] = credential.counts.failures();
  return object;
}

admin::Outcomes outcomes(const relay::RequestTotals& requests) {
  constexpr std::array<std::size_t, 6> kByClass{5, 0, 1, 2, 3, 4};  // in admin::Outcomes; 0: left
  constexpr std::size_t kOther = 6;
  admin::Outcomes sums{};
  for (const auto& [kind, count] : requests) {
    const auto status_class = static_cast<std::size_t>(kind.status / 100);
    sums[status_class < kByClass.size() ? kByClass[status_class] : kOther] += count;
  }
  return sums;
}

std::uint64_t replays(const relay::RouteTotals& totals) {
  return totals.attempts[static_cast<std::size_t>(relay::Cause::unauthorized)];
}

/// By the cause.
auto retries(const relay::RouteTotals& totals) {
  auto attempts = totals.attempts;
  for (const relay::Cause cause : {relay::Cause::first, relay::Cause::unauthorized}) {
    attempts[static_cast<std::size_t>(cause)] = 0;
  }
  return attempts;
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

Json waited(const relay::WaitTimes& times) {
  Json object = Json::object();
  for (const auto& [reason, duration] : by_name(times.by_reason, relay::kWaitNames)) {
    object[reason] = seconds(duration);
  }
  return object;
}

Json requests_by_outcome(const relay::RequestTotals& requests) {
  const admin::Outcomes sums = outcomes(requests);
  Json object = Json::object();
  for (std::size_t i = 0; i < sums.size(); ++i)
    object[std::string(admin::kOutcomeNames[i])] = sums[i];
  return object;
}

Json json_of(const relay::Route& route, const relay::RouteTotals& totals, base::Instant now) {
  Json object{{"route", route.label},
              {"upstream", route.options.upstream.text()},
              {"credential", route.options.credential},
              {"requests", requests_by_outcome(totals.requests)},
              {"in_flight", totals.in_flight},
              {"replays", replays(totals)},
              {"retries", by_name(retries(totals), relay::kCauseNames)},
              {"waited_s", waited(totals.waited)},
              {"waiting", by_name(totals.waiting, relay::kWaitNames)},
              {"bodies_not_kept", by_name(totals.bodies_unkept, relay::kUnkeptNames)},
              {"cut_short", by_name(totals.cut_short, relay::kCutNames)}};
  const base::Latencies relayed = totals.latencies.since(totals.unrelayed);
  if (relayed.count() > 0) {
    object["latency_s"] = {{"p50", seconds(relayed.quantile(0.5))},
                           {"p90", seconds(relayed.quantile(0.9))},
                           {"p99", seconds(relayed.quantile(0.99))}};
  }
  if (route.pause.ends() > now) object["paused_for_s"] = seconds(route.pause.ends() - now);
  if (const auto told = route.pacer.told(); told && told->resets > now) {
    Json& quota = object["quota"] = Json::object();
    if (told->limit) quota["limit"] = *told->limit;
    quota["remaining"] = told->remaining;
    quota["reset_in_s"] = seconds(told->resets - now);
  }
  object["upstream_connections"] = {{"active", totals.upstream_active},
                                    {"idle", totals.upstream_idle}};
  return object;
}

Json json_of(const base::Problem& problem) {
  return {{"first_ms", unix_milliseconds(problem.first)},
          {"last_ms", unix_milliseconds(problem.last)},
          {"count", problem.count},
          {"level", base::name(problem.level)},
          {"message", problem.sentence},
          {"details", problem.details}};
}

Json json_of(const relay::AttemptNote& attempt) {
  return {{"cause", relay::kCauseNames[static_cast<std::size_t>(attempt.cause)]},
          {"outcome", attempt.fault ? std::string(base::name(*attempt.fault))
                                    : std::to_string(attempt.status)},
          {"waited_s", seconds(attempt.waited)},
          {"took_s", seconds(attempt.took)}};
}

Json json_of(const relay::RequestRecord& request, base::Instant now, base::WallTime wall) {
  const base::Duration waits = request.waits ? now - request.waits->since : base::Duration::zero();
  Json object{{"began_ms", unix_milliseconds(wall - (now - request.began))},
              {"method", request.method},
              {"path", request.path},
              {"http", request.http},
              {"route", request.route},
              {"id", request.id},
              {"attempts", Json::array()},
              {"attempts_made", request.attempts_made},
              {"took_s", seconds(request.took)},
              {"waited_s", seconds(request.waited + waits)}};
  for (const relay::AttemptNote& attempt : request.attempts) {
    object["attempts"].push_back(json_of(attempt));
  }
  if (request.path_cut) object["path_cut"] = true;
  if (request.over || request.status != 0) object["status"] = request.status;
  if (!request.error.empty()) object["error"] = request.error;
  if (request.over) object["whole"] = request.whole;
  if (request.waits) {
    object["waits"] = {{"for", relay::name(request.waits->reason)},
                       {"since_s", seconds(waits)},
                       {"until_ms", unix_milliseconds(wall + (request.waits->until - now))},
                       {"end_known", request.waits->end_known}};
  }
  return object;
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

std::vector<CredentialFacts> facts_of(const CredentialSet& credentials) {
  std::vector<CredentialFacts> facts;
  for (const CredentialSet::InForce& credential : credentials.list()) {
    facts.push_back({credential.name, credential.source, credential.refresher->state(),
                     credential.refresher->counts()});
  }
  return facts;
}

std::optional<std::string> unready(bool draining, const std::vector<CredentialFacts>& credentials,
                                   base::Instant now) {
  if (draining) return "a drain is under way: no new work, please";
  for (const CredentialFacts& credential : credentials) {
    if (credential.state.valid(now)) continue;
    const std::string& reason = credential.state.reason;
    return "credential " + credential.name + " has no valid token: " +
           (reason.empty() ? "the first one is being fetched from " + credential.source : reason);
  }
  return std::nullopt;
}

std::string status_json(const StatusFacts& facts) {
  const std::optional<std::string> why = unready(facts.draining, facts.credentials, facts.now);
  Json object{{"version", BEARER_VERSION},
              {"now_ms", unix_milliseconds(facts.wall)},
              {"uptime_s", seconds(facts.uptime)},
              {"ready", !why}};
  if (why) object["unready"] = *why;
  object["draining"] = facts.draining;
  object["loops"] = facts.totals.loops;
  object["clients"] = facts.totals.clients;
  for (const char* list : {"credentials", "routes", "problems"}) object[list] = Json::array();
  for (const CredentialFacts& credential : facts.credentials) {
    object["credentials"].push_back(json_of(credential, facts.now));
  }
  static const relay::RouteTotals kNone{};
  for (const auto& route : facts.routes.routes()) {
    const auto counted = facts.totals.routes.find(route->label);
    const bool any = counted != facts.totals.routes.end();
    object["routes"].push_back(json_of(*route, any ? counted->second : kNone, facts.now));
  }
  for (const base::Problem& problem : facts.problems) {
    object["problems"].push_back(json_of(problem));
  }
  // A text from an upstream or a token endpoint may not be UTF-8; it is shown with replacements.
  return token::json_text(object) + "\n";
}

std::string requests_json(const std::vector<relay::RequestRecord>& requests, base::Instant now,
                          base::WallTime wall) {
  Json object{
      {"now_ms", unix_milliseconds(wall)}, {"under_way", Json::array()}, {"ended", Json::array()}};
  for (const relay::RequestRecord& request : requests) {
    object[request.over ? "ended" : "under_way"].push_back(json_of(request, now, wall));
  }
  // A path may not be UTF-8; it is shown with replacements.
  return token::json_text(object) + "\n";
}

admin::History::Counts counts_of(const relay::Totals& totals,
                                 const std::vector<CredentialFacts>& credentials) {
  admin::History::Counts counts;
  counts.clients = totals.clients;
  for (const auto& [label, route] : totals.routes) {
    const auto again = retries(route);
    counts.in_flight += route.in_flight;
    counts.routes[label] = {
        .requests = outcomes(route.requests),
        .retries = std::accumulate(again.begin(), again.end(), std::uint64_t{0}),
        .replays = replays(route),
        .waited = by_name(route.waited.by_reason, relay::kWaitNames),
        .latencies = route.latencies.since(route.unrelayed)};
  }
  for (const CredentialFacts& credential : credentials) {
    if (credential.counts.fetched > 0) {
      counts.fetched.emplace(credential.name, credential.counts.fetched);
    }
  }
  return counts;
}

base::MetricFamilies metrics_of(const std::vector<CredentialFacts>& credentials,
                                const base::Clock& clock) {
  base::MetricFamily refreshes = base::counter_family(
      "token_refresh_total",
      "Token requests, by what became of them; shared: another process made it");
  base::MetricFamily forced = base::counter_family(
      "token_refresh_forced_total", "Token requests that a 401 of the upstream made necessary");
  base::MetricFamily expiry = base::gauge_family("token_expiry_timestamp_seconds",
                                                 "When the token ends, in seconds since the epoch");
  for (const CredentialFacts& credential : credentials) {
    const base::MetricLabels labels{{"credential", credential.name}};
    const token::RefreshCounts& counts = credential.counts;
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
    if (const auto& token = credential.state.token) {
      base::add_sample(expiry, labels, timestamp(token->expires, clock));
    }
  }
  return {refreshes, forced, expiry};
}

}  // namespace bearer::app
