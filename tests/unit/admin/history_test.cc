#include "admin/history.h"

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

using namespace bearer;
using namespace std::chrono_literals;
using admin::History;
using admin::Status;
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

Status one_route() {
  Status status;
  status.routes.emplace_back();
  return status;
}

}  // namespace

TEST_CASE("a sample holds what happened since the last one") {
  History history;
  Status status = one_route();
  status.routes[0].requests.successful = 5;
  history.add(status);
  CHECK(json::parse(history.json())["rows"].empty());  // counting begins here

  base::LatencyRecorder recorder;
  recorder.record(40ms);
  status.routes[0].requests.successful = 8;
  status.routes[0].requests.left = 1;
  status.routes[0].requests.other = 2;
  status.routes[0].retries = {{"status_429", 2}, {"status_5xx", 1}};
  status.routes[0].waited = {{"backoff", 1500ms}, {"token", 250ms}};
  status.routes[0].replays = 4;
  status.routes[0].in_flight = 6;
  status.routes[0].latencies = recorder.read();
  status.clients = 3;
  status.uptime = 2s;
  status.now = base::WallTime(1000s);
  history.add(status);
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
  Status status = one_route();
  status.routes[0].requests.successful = 100;
  status.routes[0].waited = {{"token", 10s}};
  history.add(status);
  history.add(one_route());
  CHECK(last_row(history).at("2xx") == 0);
  CHECK(last_row(history).at("waited_s") == 0);
}

TEST_CASE("a route that comes or goes leaves the counts of the others as they are") {
  History history;
  Status both = one_route();
  both.routes.push_back(both.routes.front());
  both.routes[0].route = "/";
  both.routes[1].route = "/b/";
  both.routes[0].requests.successful = 1'000'000;
  both.routes[1].requests.successful = 7;
  history.add(both);
  Status one = both;
  one.routes.pop_back();
  one.routes[0].requests.successful += 2;
  history.add(one);
  CHECK(last_row(history).at("2xx") == 2);
  both.routes[0].requests.successful = one.routes[0].requests.successful;
  both.routes[1].requests.successful = 3;  // it has begun anew
  history.add(both);
  CHECK(last_row(history).at("2xx") == 3);
}

TEST_CASE("ten minutes are kept, the oldest first") {
  History history;
  Status status = one_route();
  for (std::size_t i = 0; i <= History::kSamplesMax + 5; ++i) {
    status.now = base::WallTime(base::Duration(std::chrono::seconds(i)));
    history.add(status);
  }
  const json rows = json::parse(history.json())["rows"];
  CHECK(rows.size() == History::kSamplesMax);
  CHECK(rows.front()[0] == 6000);
  CHECK(History::kInterval * History::kSamplesMax == 10min);
}
