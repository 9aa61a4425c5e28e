#include "app/status.h"

#include <doctest/doctest.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "tests/support/owned_loop.h"
#include "tests/support/route.h"
#include "tests/unit/http/field_list.h"

using namespace bearer;
using namespace std::chrono_literals;
using app::CredentialFacts;
using nlohmann::json;
using test::route;
using Wanted = base::SharedList<relay::RouteOptions>;

namespace {

constexpr base::Instant kNow{std::chrono::hours(1000)};
constexpr base::WallTime kWall{1'790'000'000s};

CredentialFacts good() {
  CredentialFacts facts{.name = "crm", .source = "https://login", .state = {}, .counts = {}};
  facts.state.token = std::make_shared<token::Token>(
      token::Token{.value = {}, .generation = 2, .asked = {}, .expires = kNow + 90500ms});
  facts.state.health = token::State::Health::good;
  facts.state.next_try = base::kNever;
  return facts;
}

CredentialFacts expired(std::string reason) {
  CredentialFacts facts = good();
  facts.state.token = nullptr;
  facts.state.reason = std::move(reason);
  return facts;
}

json shown(std::vector<CredentialFacts> credentials, bool draining = false) {
  const relay::RouteTable none(Wanted{});
  return json::parse(app::status_json({.now = kNow,
                                       .wall = kWall,
                                       .draining = draining,
                                       .credentials = std::move(credentials),
                                       .routes = none,
                                       .totals = {}}));
}

json shown(const relay::RouteTable& routes, const relay::Totals& totals, base::Instant now = kNow) {
  return json::parse(
      app::status_json({.now = now, .wall = kWall, .routes = routes, .totals = totals}))["routes"];
}

/// Some of everything that is counted.
relay::RouteTotals some_counts() {
  relay::RouteTotals totals;
  for (const int status : {204, 200, 404, 0, 699}) totals.requests[{0, status}] = 3;
  totals.attempts[static_cast<std::size_t>(relay::Cause::first)] = 15;
  totals.attempts[static_cast<std::size_t>(relay::Cause::unauthorized)] = 4;
  totals.attempts[static_cast<std::size_t>(relay::Cause::too_many_requests)] = 2;
  totals.attempts[static_cast<std::size_t>(relay::Cause::not_connected)] = 1;
  totals.waited[relay::WaitFor::backoff] = 1500ms;
  totals.in_flight = 6;
  base::LatencyRecorder recorder;
  recorder.record(2ms);
  totals.latencies = recorder.read();
  return totals;
}

relay::RequestRecord request(base::Instant began, std::string method, std::string path) {
  relay::RequestRecord record;
  record.began = began;
  record.method = std::move(method);
  record.path = std::move(path);
  return record;
}

}  // namespace

TEST_CASE("ready is who has a valid token of every credential, and does not drain") {
  CHECK_FALSE(app::unready(false, {good()}, kNow));
  CHECK(app::unready(true, {good()}, kNow)->starts_with("a drain is under way"));
  CHECK(shown({good()}, true)["ready"] == false);
  CHECK(app::unready(false, {good()}, kNow + 91s));

  const std::vector<CredentialFacts> failed{good(), expired("401 invalid_client: check client_id")};
  CHECK(app::unready(false, failed, kNow) ==
        "credential crm has no valid token: 401 invalid_client: check client_id");
  CHECK(app::unready(false, {expired("")}, kNow)->find("https://login") != std::string::npos);
}

TEST_CASE("a credential whose renewal fails is ready as long as its token is valid") {
  CredentialFacts failing = good();
  failing.state.health = token::State::Health::unavailable;
  failing.state.reason = "connection refused";
  failing.counts.failed[base::Errc::token_unreachable] = 2;
  failing.counts.failed[base::Errc::token_malformed] = 1;
  const json told = shown({failing});
  CHECK(told["ready"] == true);
  const json& credential = told["credentials"][0];
  CHECK(credential["state"] == "unavailable");
  CHECK(credential["reason"] == "connection refused");
  CHECK(credential["expires_in_s"] == 90.5);
  CHECK(credential["generation"] == 2);
  CHECK(credential["failed"] == 3);
  CHECK_FALSE(credential.contains("next_try_in_s"));
}

TEST_CASE("a next try in the past begins now, and without a token there is no life to show") {
  CredentialFacts waiting = expired("connection refused");
  waiting.state.next_try = kNow - 1h;
  const json credential = shown({waiting})["credentials"][0];
  CHECK(credential["next_try_in_s"] == 0);
  CHECK(credential["generation"] == 0);
  CHECK_FALSE(credential.contains("expires_in_s"));
  CHECK_FALSE(credential.contains("lifetime_s"));
}

TEST_CASE("a route shows its counts, and only what there is") {
  const relay::RouteTable routes(Wanted{route("/crm/", "https://crm.example.com")});
  const json bare = shown(routes, {})[0];
  CHECK(bare["route"] == "/crm/");
  CHECK(bare["upstream"] == "https://crm.example.com");
  CHECK(bare["retries"] == json::object());
  for (const char* absent : {"latency_s", "paused_for_s", "quota"})
    CHECK_FALSE(bare.contains(absent));

  relay::Totals totals;
  totals.routes["/crm/"] = some_counts();
  routes.routes()[0]->pause.begin(kNow, 2s);
  const json full = shown(routes, totals)[0];
  CHECK(
      full["requests"] ==
      json{{"1xx", 0}, {"2xx", 6}, {"3xx", 0}, {"4xx", 3}, {"5xx", 0}, {"left", 3}, {"other", 3}});
  CHECK(full["replays"] == 4);
  CHECK(full["retries"] == json{{"status_429", 2}, {"not_connected", 1}});
  CHECK(full["waited_s"] == json{{"backoff", 1.5}});
  CHECK(full["in_flight"] == 6);
  CHECK(full["latency_s"]["p50"] <= 0.002);
  CHECK(full["latency_s"]["p50"] > 0.001);
  CHECK(full["paused_for_s"] == 2);
}

TEST_CASE("a route shows the quota that its upstream named last, until it is reset") {
  relay::RouteOptions paced = route("/", "https://api.example.com");
  paced.pacing.on = true;
  const relay::RouteTable routes(Wanted{paced});
  test::OwnedLoop time;
  relay::Pacer::UnderWay request;
  const http::test::Fields fields{
      {"X-RateLimit-Limit", "300"}, {"X-RateLimit-Remaining", "12"}, {"X-RateLimit-Reset", "20"}};
  routes.routes()[0]->pacer.answered(request, "GET", "/", fields, {}, time.loop());
  const json quota = shown(routes, {}, time.now())[0]["quota"];
  CHECK(quota["limit"] == 300);
  CHECK(quota["remaining"] == 12);
  CHECK(quota["reset_in_s"] >= 20);
  CHECK_FALSE(shown(routes, {}, time.now() + 1min)[0].contains("quota"));
}

TEST_CASE("what others wrote is JSON whatever its bytes are") {
  CHECK(shown({expired("\xff\"</script>\n")})["credentials"][0]["reason"] == "\uFFFD\"</script>\n");
}

TEST_CASE("the history keeps what was counted, without the first attempts") {
  relay::Totals totals;
  totals.clients = 5;
  totals.routes["/crm/"] = totals.routes["/"] = some_counts();
  CredentialFacts fetched = good();
  fetched.counts.fetched = 7;
  CredentialFacts other = good();
  other.name = "other";
  const admin::History::Counts counts = app::counts_of(totals, {fetched, other});
  CHECK(counts.clients == 5);
  CHECK(counts.in_flight == 12);
  CHECK(counts.fetched == std::map<std::string, std::uint64_t>{{"crm", 7}});
  REQUIRE(counts.routes.size() == 2);
  const admin::History::RouteCounts& crm = counts.routes.at("/crm/");
  CHECK(crm.requests == admin::Outcomes{0, 6, 0, 3, 0, 3, 3});
  CHECK(crm.retries == 3);
  CHECK(crm.replays == 4);
  CHECK(crm.waited == std::map<std::string, base::Duration>{{"backoff", 1500ms}});
  CHECK(crm.latencies.count() == 1);
}

TEST_CASE("requests under way and ended are two lists, each with what is known") {
  relay::RequestRecord held = request(kNow - 3s, "GET", "/a");
  held.attempts = {{.cause = relay::Cause::first, .status = 429, .waited = 0s, .took = 20ms}};
  held.attempts_made = 1;
  held.took = 3s;
  held.waited = 500ms;
  held.waits = relay::WaitUnderWay{kNow - 2s, kNow + 4s, relay::WaitFor::backoff, true};
  relay::RequestRecord failed = request(kNow - 9s, "POST", "/b");
  failed.attempts = {{.fault = base::Errc::connect_refused}};
  failed.path_cut = true;
  failed.status = 502;
  failed.error = "connection_refused";
  failed.over = failed.whole = true;

  const json told = json::parse(app::requests_json({held, failed}, kNow, kWall));
  CHECK(told["now_ms"] == 1'790'000'000'000);
  REQUIRE(told["under_way"].size() == 1);
  const json& first = told["under_way"][0];
  CHECK(first["began_ms"] == 1'789'999'997'000);
  CHECK(first["path"] == "/a");
  CHECK(first["attempts"][0] ==
        json{{"cause", "first"}, {"outcome", "429"}, {"waited_s", 0.0}, {"took_s", 0.02}});
  CHECK(first["waited_s"] == 2.5);
  CHECK(first["waits"] == json{{"for", "backoff"},
                               {"since_s", 2.0},
                               {"until_ms", 1'790'000'004'000},
                               {"end_known", true}});
  for (const char* absent : {"status", "whole", "error", "path_cut"}) {
    CAPTURE(absent);
    CHECK_FALSE(first.contains(absent));
  }
  REQUIRE(told["ended"].size() == 1);
  const json& second = told["ended"][0];
  CHECK(second["attempts"][0]["outcome"] == base::name(base::Errc::connect_refused));
  CHECK(second["status"] == 502);
  CHECK(second["error"] == "connection_refused");
  CHECK(second["path_cut"] == true);
  CHECK(second["whole"] == true);
  CHECK_FALSE(second.contains("waits"));
}

TEST_CASE("a path of any bytes is JSON, and no markup of ours") {
  const relay::RequestRecord odd = request(kNow, "GET", "/\"<script>\xff\\\x01");
  const std::string text = app::requests_json({odd}, kNow, kWall);
  CHECK(json::parse(text)["under_way"][0]["path"] == "/\"<script>\xef\xbf\xbd\\\x01");
}
