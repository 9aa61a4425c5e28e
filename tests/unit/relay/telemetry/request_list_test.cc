#include "relay/telemetry/request_list.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/route.h"

using namespace bearer;
using namespace std::chrono_literals;
using relay::Cause;
using relay::Outcome;
using relay::RequestFilter;
using relay::RequestList;
using relay::RequestRecord;

namespace {

constexpr base::Instant kStart{1000h};

struct Fixture {
  static relay::Request request(const std::string& target, relay::Route* at) {
    relay::Request made;
    made.route = at;
    made.target = target;
    made.head = "PATCH " + target + " HTTP/1.1\r\nX-Key: hush\r\n";
    made.id.set("id-of-" + std::to_string(target.size()));
    return made;
  }
  static Outcome answered(int status) {
    Outcome outcome;
    outcome.status = status;
    return outcome;
  }
  static Outcome failed(base::Errc fault) {
    Outcome outcome;
    outcome.fault = fault;
    return outcome;
  }
  /// A request that came and went.
  void serve(const std::string& target, int status, bool whole = true) {
    const relay::Request one = request(target, &route);
    relay::ExchangeEnd account{.request = one};
    const RequestList::Live live(list, account, kStart);
    account.status = status;
    account.whole = whole;
    list.ended(live);
  }
  std::vector<std::string> paths(const RequestFilter& filter = {}) {
    std::vector<std::string> paths;
    for (const RequestRecord& one : list.read(filter, kStart)) paths.push_back(one.path);
    return paths;
  }

  relay::Route route{bearer::test::route("/crm/", "https://crm.example.com")};
  relay::Route other{bearer::test::route("/", "https://api.example.com")};
  RequestList list{4};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a request under way is told with its attempts and what it waits for") {
  const relay::Request one = request("/crm/orders?key=hush", &route);
  relay::ExchangeEnd account{.request = one};
  RequestList::Live live(list, account, kStart);
  live.attempt_began(kStart + 1s);
  account.attempts = 1;
  live.attempt_ended(Cause::first, answered(429), kStart + 1250ms);
  account.waited = 2s;
  live.attempt_began(kStart + 4s);
  account.attempts = 2;
  live.attempt_ended(Cause::too_many_requests, failed(base::Errc::connection_lost), kStart + 5s);
  const relay::WaitUnderWay wait{kStart + 6s, kStart + 16s, relay::WaitFor::token, false};
  live.waits = &wait;

  const std::vector<RequestRecord> told = list.read({}, kStart + 7s);
  REQUIRE(told.size() == 1);
  const RequestRecord& record = told[0];
  CHECK(record.method == "PATCH");
  CHECK(record.path == "/crm/orders");
  CHECK(record.route == "/crm/");
  CHECK(record.id == "id-of-20");
  CHECK(record.began == kStart);
  CHECK(record.took == 7s);
  CHECK(record.waited == 2s);
  CHECK_FALSE(record.over);
  CHECK(record.waits == wait);
  CHECK(record.attempts_made == 2);
  REQUIRE(record.attempts.size() == 2);
  CHECK(record.attempts[0].cause == Cause::first);
  CHECK(record.attempts[0].status == 429);
  CHECK(record.attempts[0].took == 250ms);
  CHECK(record.attempts[0].waited == 0s);
  CHECK(record.attempts[1].cause == Cause::too_many_requests);
  CHECK(record.attempts[1].fault == base::Errc::connection_lost);
  CHECK(record.attempts[1].waited == 2s);
}

TEST_CASE_FIXTURE(Fixture,
                  "those under way come first, the oldest in front; then the latest ended") {
  const relay::Request old_one = request("/old", &route), new_one = request("/new", &route);
  relay::ExchangeEnd old_account{.request = old_one}, new_account{.request = new_one};
  const RequestList::Live first(list, old_account, kStart);
  const RequestList::Live second(list, new_account, kStart);
  for (const char* target : {"/1", "/2", "/3"}) serve(target, 200);
  CHECK(paths() == std::vector<std::string>{"/old", "/new", "/3", "/2", "/1"});
}

TEST_CASE_FIXTURE(Fixture, "so many that ended are kept, and the oldest of them goes") {
  for (int i = 1; i <= 9; ++i) serve("/" + std::to_string(i), 200);
  CHECK(paths() == std::vector<std::string>{"/9", "/8", "/7", "/6"});
  CHECK(paths({.most = 2}) == std::vector<std::string>{"/9", "/8"});
}

TEST_CASE_FIXTURE(Fixture, "a list that keeps none knows those under way all the same") {
  RequestList none{0};
  const relay::Request one = request("/crm/now", &route);
  relay::ExchangeEnd account{.request = one};
  RequestList::Live live(none, account, kStart);
  CHECK(none.read({}, kStart).size() == 1);
  none.ended(live);
  none.refused(account, kStart);
  const std::vector<RequestRecord> left = none.read({}, kStart);
  REQUIRE(left.size() == 1);
  CHECK_FALSE(left[0].over);
}

TEST_CASE_FIXTURE(Fixture, "a request leaves those under way with its exchange, in any order") {
  const relay::Request one = request("/x", &route);
  relay::ExchangeEnd account{.request = one};
  std::vector<std::unique_ptr<RequestList::Live>> all(3);
  for (auto& live : all) live = std::make_unique<RequestList::Live>(list, account, kStart);
  for (const std::size_t gone : {1u, 0u, 2u}) {
    all[gone].reset();
    CHECK(paths().size() == 2 - (gone == 1 ? 0 : gone == 0 ? 1 : 2));
  }
}

TEST_CASE_FIXTURE(Fixture, "a filter takes a route, and those that failed") {
  serve("/good", 204);
  serve("/refused", 404);
  serve("/left", 0, false);
  serve("/cut", 200, false);
  CHECK(paths({.failed = true}) == std::vector<std::string>{"/cut", "/left", "/refused"});
  CHECK(paths({.route = "/crm/"}).size() == 4);
  CHECK(paths({.route = "/crm"}).empty());

  const relay::Request one = request("/now", &other);
  relay::ExchangeEnd account{.request = one};
  RequestList::Live live(list, account, kStart);
  CHECK(paths({.route = "/"}) == std::vector<std::string>{"/now"});
  CHECK(paths({.route = "/", .failed = true}).empty());
  live.attempt_began(kStart);
  live.attempt_ended(Cause::first, answered(503), kStart);
  CHECK(paths({.route = "/", .failed = true}) == std::vector<std::string>{"/now"});
}

TEST_CASE_FIXTURE(Fixture, "a status from 600 on is neither a failure nor an attempt's fault") {
  serve("/888", 888);
  serve("/599", 599);
  serve("/600", 600);
  CHECK(paths({.failed = true}) == std::vector<std::string>{"/599"});
  const relay::Request one = request("/now", &route);
  relay::ExchangeEnd account{.request = one};
  RequestList::Live live(list, account, kStart);
  live.attempt_began(kStart);
  live.attempt_ended(Cause::first, answered(942), kStart);
  CHECK(paths({.failed = true}) == std::vector<std::string>{"/599"});
}

TEST_CASE_FIXTURE(Fixture, "a request that was refused has no route and no attempt") {
  serve("/before", 200);
  const relay::Request one = request("/secret?x", nullptr);
  list.refused(
      {.request = one, .status = 421, .took = 2ms, .error = "http_request_denied", .whole = true},
      kStart + 1s);
  const RequestRecord record = list.read({}, kStart + 1s).front();
  CHECK(record.route.empty());
  CHECK(record.attempts.empty());
  CHECK(record.status == 421);
  CHECK(record.error == "http_request_denied");
  CHECK(record.began == kStart + 998ms);
}

TEST_CASE_FIXTURE(Fixture, "what strangers send takes no more than its share of memory") {
  relay::Request one = request("/" + std::string(16'000, 'x'), &route);
  one.head = std::string(16'000, 'M') + " / HTTP/1.1";
  relay::ExchangeEnd account{.request = one};
  RequestList::Live live(list, account, kStart);
  for (int i = 0; i < 100; ++i) {
    live.attempt_began(kStart);
    live.attempt_ended(Cause::server_error, answered(500 + i), kStart);
  }
  list.ended(live);
  for (const RequestRecord& record : list.read({}, kStart)) {
    CHECK(record.path.size() == RequestRecord::kPathBytesMax);
    CHECK(record.path_cut);
    CHECK(record.method.size() <= RequestRecord::kPathBytesMax);
    REQUIRE(record.attempts.size() == RequestRecord::kAttemptsMax);
    CHECK(record.attempts.back().status == 599);
  }
}
