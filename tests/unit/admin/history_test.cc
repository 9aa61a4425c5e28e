#include "admin/history.h"

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

using namespace bearer;
using namespace std::chrono_literals;
using admin::History;
using nlohmann::json;

namespace {

/// The last row, by column.
std::map<std::string, json> last_row(const History& history) {
  const json shown = json::parse(history.json());
  std::map<std::string, json> row;
  for (std::size_t i = 0; i < shown["columns"].size(); ++i) {
    row[shown["columns"][i]] = shown["rows"].back()[i];
  }
  REQUIRE(shown["rows"].back().size() == shown["columns"].size());
  return row;
}

// Places of admin::Outcomes.
constexpr std::size_t kSuccessful = 1, kLeft = 5, kOther = 6;

History::Counts one_route() {
  History::Counts counts;
  counts.routes["/"] = {};
  return counts;
}

}  // namespace

TEST_CASE("a sample holds what happened since the last one") {
  History history;
  History::Counts counts = one_route();
  counts.routes["/"].requests[kSuccessful] = 5;
  history.add(counts);
  CHECK(json::parse(history.json())["rows"].empty());  // counting begins here

  base::LatencyRecorder recorder;
  recorder.record(40ms);
  counts.routes["/"].requests[kSuccessful] = 8;
  counts.routes["/"].requests[kLeft] = 1;
  counts.routes["/"].requests[kOther] = 2;
  counts.routes["/"].retries = 3;
  counts.routes["/"].waited = {{"backoff", 1500ms}, {"token", 250ms}};
  counts.routes["/"].replays = 4;
  counts.in_flight = 6;
  counts.routes["/"].latencies = recorder.read();
  counts.clients = 3;
  counts.uptime = 2s;
  counts.now = base::WallTime(1000s);
  history.add(counts);
  const auto row = last_row(history);
  CHECK(row.at("2xx") == 3);
  CHECK(row.at("left") == 1);
  CHECK(row.at("other") == 2);
  CHECK(row.at("retries") == 3);
  CHECK(row.at("replays") == 4);
  CHECK(row.at("waited_s") == 1.75);
  CHECK(row.at("waited_by_s") == json{{"backoff", 1.5}, {"token", 0.25}});
  CHECK(row.at("in_flight") == 6);
  CHECK(row.at("clients") == 3);
  CHECK(row.at("length_s") == 2);
  CHECK(row.at("end_ms") == 1'000'000);
  CHECK(row.at("p50_s") > 0.03);
  CHECK(row.at("p99_s") <= 0.05);
}

TEST_CASE("an interval without requests has no quantiles") {
  History history;
  history.add(one_route());
  history.add(one_route());
  CHECK(last_row(history).at("p50_s").is_null());
}

TEST_CASE("a route that a reload took away leaves no counts below zero") {
  History history;
  History::Counts counts = one_route();
  counts.routes["/"].requests[kSuccessful] = 100;
  counts.routes["/"].waited = {{"token", 10s}};
  history.add(counts);
  history.add(one_route());
  CHECK(last_row(history).at("2xx") == 0);
  CHECK(last_row(history).at("waited_s") == 0);
}

TEST_CASE("a route that comes or goes leaves the counts of the others as they are") {
  History history;
  History::Counts both = one_route();
  both.routes["/"].requests[kSuccessful] = 1'000'000;
  both.routes["/b/"].requests[kSuccessful] = 7;
  history.add(both);
  History::Counts one = both;
  one.routes.erase("/b/");
  one.routes["/"].requests[kSuccessful] += 2;
  history.add(one);
  CHECK(last_row(history).at("2xx") == 2);
  both.routes["/"] = one.routes["/"];
  both.routes["/b/"].requests[kSuccessful] = 3;  // it has begun anew
  history.add(both);
  CHECK(last_row(history).at("2xx") == 3);
}

TEST_CASE("ten minutes are kept, the oldest first") {
  History history;
  History::Counts counts = one_route();
  for (std::size_t i = 0; i <= History::kSamplesMax + 5; ++i) {
    counts.now = base::WallTime(base::Duration(std::chrono::seconds(i)));
    history.add(counts);
  }
  const json rows = json::parse(history.json())["rows"];
  CHECK(rows.size() == History::kSamplesMax);
  CHECK(rows.front()[0] == 6000);
  CHECK(History::kInterval * History::kSamplesMax == 10min);
}
