#include "admin/status.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace bearer::admin {
namespace {

using base::seconds;
using Json = nlohmann::ordered_json;

void put(Json& object, const char* key, const std::optional<base::Duration>& duration) {
  if (duration) object[key] = seconds(*duration);
}

Json json_of(const CredentialStatus& credential) {
  Json object{{"name", credential.name},
              {"source", credential.source},
              {"state", credential.state},
              {"valid", credential.valid},
              {"generation", credential.generation}};
  if (!credential.reason.empty()) object["reason"] = credential.reason;
  put(object, "expires_in_s", credential.expires);
  put(object, "lifetime_s", credential.lifetime);
  put(object, "next_try_in_s", credential.next_try);
  object["fetched"] = credential.fetched;
  object["failed"] = credential.failed;
  return object;
}

Json json_of(const RouteStatus::Outcomes& requests) {
  return {{"1xx", requests.informational}, {"2xx", requests.successful},
          {"3xx", requests.redirected},    {"4xx", requests.client_error},
          {"5xx", requests.server_error},  {"left", requests.left},
          {"other", requests.other}};
}

Json json_of(const RouteStatus::Quota& quota) {
  Json object = Json::object();
  if (quota.limit) object["limit"] = *quota.limit;
  object["remaining"] = quota.remaining;
  object["reset_in_s"] = seconds(quota.reset);
  return object;
}

Json json_of(const RouteStatus& route) {
  Json waited = Json::object();
  for (const auto& [reason, duration] : route.waited) waited[reason] = seconds(duration);
  Json object{{"route", route.route},           {"upstream", route.upstream},
              {"credential", route.credential}, {"requests", json_of(route.requests)},
              {"in_flight", route.in_flight},   {"replays", route.replays},
              {"retries", route.retries},       {"waited_s", std::move(waited)},
              {"waiting", route.waiting},       {"bodies_not_kept", route.bodies_unkept},
              {"cut_short", route.cut_short}};
  if (route.latencies.count() > 0) {
    object["latency_s"] = {{"p50", seconds(route.latencies.quantile(0.5))},
                           {"p90", seconds(route.latencies.quantile(0.9))},
                           {"p99", seconds(route.latencies.quantile(0.99))}};
  }
  put(object, "paused_for_s", route.paused);
  if (route.quota) object["quota"] = json_of(*route.quota);
  object["upstream_connections"] = {{"active", route.upstream_active},
                                    {"idle", route.upstream_idle}};
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

template <typename T>
Json list_of(const std::vector<T>& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(json_of(value));
  return list;
}

}  // namespace

std::optional<std::string> unready(bool draining,
                                   const std::vector<CredentialStatus>& credentials) {
  if (draining) return "a drain is under way: no new work, please";
  for (const CredentialStatus& credential : credentials) {
    if (credential.valid) continue;
    std::string why = "credential " + credential.name + " has no valid token";
    if (!credential.reason.empty()) return why + ": " + credential.reason;
    return why + ": the first one is being fetched from " + credential.source;
  }
  return std::nullopt;
}

std::string status_json(const Status& status) {
  const std::optional<std::string> why = unready(status.draining, status.credentials);
  Json object{{"version", status.version},
              {"now_ms", unix_milliseconds(status.now)},
              {"uptime_s", seconds(status.uptime)},
              {"ready", !why}};
  if (why) object["unready"] = *why;
  object["draining"] = status.draining;
  object["loops"] = status.loops;
  object["clients"] = status.clients;
  object["credentials"] = list_of(status.credentials);
  object["routes"] = list_of(status.routes);
  object["problems"] = list_of(status.problems);
  // A text from an upstream or a token endpoint may not be UTF-8; it is shown with replacements.
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace bearer::admin
