#include "admin/history.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace bearer::admin {
namespace {

using Json = nlohmann::ordered_json;
using Outcomes = RouteStatus::Outcomes;

constexpr std::uint64_t Outcomes::*kOutcomes[] = {&Outcomes::informational, &Outcomes::successful,
                                                  &Outcomes::redirected,    &Outcomes::client_error,
                                                  &Outcomes::server_error,  &Outcomes::left};

double seconds(base::Duration duration) {
  return std::round(std::chrono::duration<double, std::micro>(duration).count()) / 1e6;
}

/// Counts start anew where a reload has taken a route away, or a credential.
std::uint64_t growth(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : now;
}

std::uint64_t in_flight(const Status& status) {
  std::uint64_t sum = 0;
  for (const RouteStatus& route : status.routes) sum += route.in_flight;
  return sum;
}

}  // namespace

History::Sums History::sums_of(const Status& status) {
  Sums sums;
  sums.uptime = status.uptime;
  for (const RouteStatus& route : status.routes) {
    for (const auto outcome : kOutcomes) sums.requests.*outcome += route.requests.*outcome;
    for (const auto& [reason, count] : route.retries) sums.retries += count;
    for (const auto& [reason, duration] : route.waited) sums.waited += duration;
    sums.replays += route.replays;
    sums.latencies += route.latencies;
  }
  for (const CredentialStatus& credential : status.credentials) sums.fetched += credential.fetched;
  return sums;
}

History::Sample History::sample_of(const Status& status, const Sums& before, const Sums& now) {
  const bool grown = now.latencies.count() >= before.latencies.count();
  const base::Latencies latencies =
      grown ? now.latencies.since(before.latencies) : base::Latencies{};
  Sample sample{.end = status.now,
                .length = now.uptime - before.uptime,
                .requests = {},
                .retries = growth(before.retries, now.retries),
                .replays = growth(before.replays, now.replays),
                .fetched = growth(before.fetched, now.fetched),
                .waited = std::max(now.waited - before.waited, base::Duration{}),
                .any = latencies.count() > 0,
                .p50 = latencies.quantile(0.5),
                .p99 = latencies.quantile(0.99),
                .in_flight = in_flight(status),
                .clients = status.clients};
  for (const auto outcome : kOutcomes) {
    sample.requests.*outcome = growth(before.requests.*outcome, now.requests.*outcome);
  }
  return sample;
}

void History::add(const Status& status) {
  Sums now = sums_of(status);
  if (std::exchange(begun_, true)) samples_.push_back(sample_of(status, last_, now));
  if (samples_.size() > kSamplesMax) samples_.pop_front();
  last_ = now;
}

std::string History::json() const {
  Json rows = Json::array();
  for (const Sample& sample : samples_) {
    const auto end =
        std::chrono::duration_cast<std::chrono::milliseconds>(sample.end.time_since_epoch());
    Json row{end.count(), seconds(sample.length)};
    for (const auto outcome : kOutcomes) row.push_back(sample.requests.*outcome);
    row.insert(row.end(), {sample.retries, sample.replays, seconds(sample.waited), sample.fetched});
    row.push_back(sample.any ? Json(seconds(sample.p50)) : Json());
    row.push_back(sample.any ? Json(seconds(sample.p99)) : Json());
    row.push_back(sample.in_flight);
    row.push_back(sample.clients);
    rows.push_back(std::move(row));
  }
  const Json object{{"interval_s", seconds(kInterval)},
                    {"columns",
                     {"end_ms", "length_s", "1xx", "2xx", "3xx", "4xx", "5xx", "left", "retries",
                      "replays", "waited_s", "fetched", "p50_s", "p99_s", "in_flight", "clients"}},
                    {"rows", std::move(rows)}};
  return object.dump() + "\n";
}

}  // namespace bearer::admin
