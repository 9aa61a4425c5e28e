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

/// The counts of that name, or some that are 0.
template <typename Count>
const Count& former(const std::map<std::string, Count>& all, const std::string& name) {
  static const Count kNothing{};
  const auto found = all.find(name);
  return found == all.end() ? kNothing : found->second;
}

base::Latencies growth(const base::Latencies& before, const base::Latencies& now) {
  return now.count() >= before.count() ? now.since(before) : now;
}

}  // namespace

// Route by route, not by their sums, because a reload removes routes together with their counts.
void History::add_growth(const RouteCounts& before, const RouteCounts& now, Sample& sample) {
  for (std::size_t i = 0; i < sample.requests.size(); ++i) {
    sample.requests[i] += growth(before.requests[i], now.requests[i]);
  }
  sample.retries += growth(before.retries, now.retries);
  sample.replays += growth(before.replays, now.replays);
  for (const auto& [reason, waited] : now.waited) {
    const base::Duration waited_before = former(before.waited, reason);
    sample.waited[reason] += waited >= waited_before ? waited - waited_before : waited;
  }
}

History::Sample History::sample_of(const Counts& before, const Counts& now) {
  Sample sample;
  sample.end = now.now;
  sample.length = now.uptime - before.uptime;
  sample.in_flight = now.in_flight;
  sample.clients = now.clients;
  base::Latencies latencies;
  for (const auto& [name, route] : now.routes) {
    const RouteCounts& last = former(before.routes, name);
    add_growth(last, route, sample);
    latencies += growth(last.latencies, route.latencies);
  }
  if (latencies.count() > 0) {
    sample.p50 = latencies.quantile(0.5);
    sample.p99 = latencies.quantile(0.99);
  }
  for (const auto& [name, fetched] : now.fetched) {
    sample.fetched += growth(former(before.fetched, name), fetched);
  }
  return sample;
}

void History::add(Counts counts) {
  if (last_) samples_.push_back(sample_of(*last_, counts));
  if (samples_.size() > kSamplesMax) samples_.pop_front();
  last_ = std::move(counts);
}

std::string History::json() const {
  Json rows = Json::array();
  for (const Sample& sample : samples_) {
    const auto end =
        std::chrono::duration_cast<std::chrono::milliseconds>(sample.end.time_since_epoch());
    Json row{end.count(), seconds(sample.length)};
    for (const std::uint64_t count : sample.requests) row.push_back(count);
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
       {"end_ms", "length_s", "1xx", "2xx", "3xx", "4xx", "5xx", "left", "other", "retries",
        "replays", "waited_s", "fetched", "p50_s", "p99_s", "in_flight", "clients", "waited_by_s"}},
      {"rows", std::move(rows)}};
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace bearer::admin
