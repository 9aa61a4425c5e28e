#include "admin/requests.h"

#include <doctest/doctest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

using namespace bearer;
using namespace std::chrono_literals;
using admin::request_filter;
using admin::RequestStatus;
using nlohmann::json;

namespace {

constexpr base::WallTime kNow{1'790'000'000s};

}  // namespace

TEST_CASE("a query names a route, those that failed and how many") {
  CHECK(request_filter("")->route.empty());
  CHECK_FALSE(request_filter("")->failed);
  CHECK(request_filter("route=%2Fcrm%2Fa+b%21&failed=1")->route == "/crm/a b!");
  CHECK(request_filter("failed=true")->failed);
  CHECK_FALSE(request_filter("failed=0")->failed);
  CHECK(request_filter("limit=7")->most == 7);
  CHECK(request_filter("")->most == 512);
  CHECK(request_filter("limit=1733")->most == 1733);
  CHECK(request_filter("limit=18446744073709551615")->most > 1'000'000);
  CHECK(request_filter("route=")->route.empty());
}

TEST_CASE("a query that says anything else is refused") {
  for (const char* query : {"rout=/", "failed=yes", "failed", "limit=0", "limit=-1",
                            "limit=", "limit=18446744073709551616", "route=%2", "route=%zz",
                            "route=/&&failed=1", "=1"}) {
    CAPTURE(query);
    CHECK_FALSE(request_filter(query));
  }
}

TEST_CASE("requests under way and ended are two lists, each with what is known") {
  RequestStatus held{.began = kNow - 3s, .method = "GET", .path = "/a", .route = "/", .id = "i1"};
  held.attempts = {{"first", "429", 0s, 20ms}};
  held.attempts_made = 1;
  held.took = 3s;
  held.waited = 2500ms;
  held.waits = {"backoff", 2500ms, 4s, true};
  RequestStatus failed{
      .began = kNow - 9s, .method = "POST", .path = "/b", .route = "/", .id = "i2"};
  failed.path_cut = true;
  failed.status = 502;
  failed.error = "connection_refused";
  failed.over = failed.whole = true;

  const json told = json::parse(admin::requests_json({held, failed}, kNow));
  CHECK(told["now_ms"] == 1'790'000'000'000);
  REQUIRE(told["under_way"].size() == 1);
  const json& first = told["under_way"][0];
  CHECK(first["began_ms"] == 1'789'999'997'000);
  CHECK(first["path"] == "/a");
  CHECK(first["attempts"][0] ==
        json{{"cause", "first"}, {"outcome", "429"}, {"waited_s", 0.0}, {"took_s", 0.02}});
  CHECK(first["waited_s"] == 2.5);
  CHECK(first["waits"] == json{{"for", "backoff"},
                               {"since_s", 2.5},
                               {"until_ms", 1'790'000'004'000},
                               {"end_known", true}});
  for (const char* absent : {"status", "whole", "error", "path_cut"}) {
    CAPTURE(absent);
    CHECK_FALSE(first.contains(absent));
  }
  REQUIRE(told["ended"].size() == 1);
  const json& second = told["ended"][0];
  CHECK(second["status"] == 502);
  CHECK(second["error"] == "connection_refused");
  CHECK(second["path_cut"] == true);
  CHECK(second["whole"] == true);
  CHECK_FALSE(second.contains("waits"));
}

TEST_CASE("a path of any bytes is JSON, and no markup of ours") {
  const RequestStatus odd{.began = kNow, .path = "/\"<script>\xff\\\x01"};
  const std::string text = admin::requests_json({odd}, kNow);
  CHECK(json::parse(text)["under_way"][0]["path"] == "/\"<script>\xef\xbf\xbd\\\x01");
}
