#include "admin/history.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/text.h"

namespace bearer::admin {
namespace {

using base::seconds;
using Json = nlohmann::ordered_json;
using Outcomes = RouteStatus::Outcomes;

constexpr std::uint64_t Outcomes::*kOutcomes[] = {&Outcomes::informational, &Outcomes::successful,
                                                  &Outcomes::redirected,    &Outcomes::client_error,
                                                  &Outcomes::server_error,  &Outcomes::left};

/// Returns by how much a count has grown. A count that is smaller than before began at 0 again.
std::uint64_t growth(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : now;
}

template <typename Count>
Count sum(const std::map<std::string, Count>& counts) {
  Count sum{};
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

/// The one with the same name, or one that has counted nothing.
template <typename Counts>
const Counts& former(const std::vector<Counts>& all, std::string Counts::*name, const Counts& now) {
  static const Counts kNothing{};
  const auto found = std::ranges::find(all, now.*name, name);
  return found == all.end() ? kNothing : *found;
}

base::Latencies growth(const base::Latencies& before, const base::Latencies& now) {
  return now.count() >= before.count() ? now.since(before) : now;
}

}  // namespace

// Route by route, not by their sums, because a reload removes routes together with their counts.
void History::add_growth(const RouteStatus& before, const RouteStatus& now, Sample& sample) {
  for (const auto outcome : kOutcomes) {
    sample.requests.*outcome += growth(before.requests.*outcome, now.requests.*outcome);
  }
  sample.retries += growth(sum(before.retries), sum(now.retries));
  sample.replays += growth(before.replays, now.replays);
  for (const auto& [reason, waited] : now.waited) {
    const auto found = before.waited.find(reason);
    const base::Duration waited_before =
        found == before.waited.end() ? base::Duration{} : found->second;
    sample.waited[reason] += waited >= waited_before ? waited - waited_before : waited;
  }
  sample.in_flight += now.in_flight;
}

History::Sample History::sample_of(const Status& before, const Status& now) {
  Sample sample{.end = now.now, .length = now.uptime - before.uptime, .clients = now.clients};
  base::Latencies latencies;
  for (const RouteStatus& route : now.routes) {
    const RouteStatus& last = former(before.routes, &RouteStatus::route, route);
    add_growth(last, route, sample);
    latencies += growth(last.latencies, route.latencies);
  }
  if (latencies.count() > 0) {
    sample.p50 = latencies.quantile(0.5);
    sample.p99 = latencies.quantile(0.99);
  }
  for (const CredentialStatus& credential : now.credentials) {
    const CredentialStatus& last = former(before.credentials, &CredentialStatus::name, credential);
    sample.fetched += growth(last.fetched, credential.fetched);
  }
  return sample;
}

void History::add(const Status& status) {
  if (last_) samples_.push_back(sample_of(*last_, status));
  if (samples_.size() > kSamplesMax) samples_.pop_front();
  last_ = status;
}

std::string History::json() const {
  Json rows = Json::array();
  for (const Sample& sample : samples_) {
    const auto end =
        std::chrono::duration_cast<std::chrono::milliseconds>(sample.end.time_since_epoch());
    Json row{end.count(), seconds(sample.length)};
    for (const auto outcome : kOutcomes) row.push_back(sample.requests.*outcome);
    row.insert(row.end(),
               {sample.retries, sample.replays, seconds(sum(sample.waited)), sample.fetched});
    for (const auto& quantile : {sample.p50, sample.p99}) {
      row.push_back(quantile ? Json(seconds(*quantile)) : Json());
    }
    row.push_back(sample.in_flight);
    row.push_back(sample.clients);
    Json waited = Json::object();
    for (const auto& [reason, duration] : sample.waited) waited[reason] = seconds(duration);
    row.push_back(std::move(waited));
    rows.push_back(std::move(row));
  }
  const Json object{
      {"interval_s", seconds(kInterval)},
      {"columns",
       {"end_ms", "length_s", "1xx", "2xx", "3xx", "4xx", "5xx", "left", "retries", "replays",
        "waited_s", "fetched", "p50_s", "p99_s", "in_flight", "clients", "waited_by_s"}},
      {"rows", std::move(rows)}};
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace bearer::admin
