#include "relay/waits.h"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/observations.h"
#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"

using namespace bearer;
using namespace std::chrono_literals;
using relay::WaitFor;
using test::answer;
using test::get;

namespace {

class Held final : public test::Observations {
 public:
  struct One {
    std::string path;
    relay::WaitUnderWay wait;
    base::Instant told;
  };
  void held(const relay::Request& request, const relay::WaitUnderWay& wait,
            base::Instant now) override {
    all.push_back({std::string(request.path()), wait, now});
  }
  std::vector<One> all;
};

struct Fixture {
  void ask(const std::string& target) {
    world.connect().give(get(target));
    world.settle();
  }
  void use(const std::function<void(relay::RouteOptions&)>& adjust) {
    relay::RouteOptions route;
    adjust(route);
    world.use(route);
  }
  std::uint64_t waiting(WaitFor reason) const {
    return world.totals().routes.at("/").waiting[static_cast<std::size_t>(reason)];
  }
  base::Duration waited(WaitFor reason) const {
    return world.totals().routes.at("/").waited[reason];
  }
  std::vector<relay::RequestRecord> requests() {
    return world.sessions().context().requests.read({}, world.clock.now());
  }

  Held seen;
  test::RelayWorld world{seen};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a wait for a token is counted while it passes, and told once it is long") {
  world.tokens.hang();
  world.settle();
  use([](relay::RouteOptions& route) { route.token_wait = 12s; });
  ask("/a");
  ask("/b");
  CHECK(waiting(WaitFor::token) == 2);
  world.advance(4999ms);
  CHECK(seen.all.empty());
  CHECK(waited(WaitFor::token) == 2 * 4999ms);
  world.advance(1ms);
  REQUIRE(seen.all.size() == 2);
  CHECK(seen.all[0].path == "/a");
  CHECK(seen.all[0].wait.reason == WaitFor::token);
  CHECK_FALSE(seen.all[0].wait.end_known);
  CHECK(seen.all[0].wait.until - seen.all[0].wait.since == 12s);
  world.advance(5s);
  CHECK(seen.all.size() == 2);  // once each
  world.tokens.issue("late");
  world.settle();
  CHECK(waiting(WaitFor::token) == 0);
  CHECK(waited(WaitFor::token) == 20s);
  world.advance(1s);
  CHECK(waited(WaitFor::token) == 20s);
}

TEST_CASE_FIXTURE(Fixture, "a backoff whose end is known is told when it begins") {
  ask("/x");
  world.upstream().give(answer("429 Too Many Requests", "", "Retry-After: 20\r\n"));
  world.settle();
  REQUIRE(seen.all.size() == 1);
  CHECK(seen.all[0].wait.end_known);
  CHECK(seen.all[0].wait.until - seen.all[0].told >= 20s);
  CHECK(waiting(WaitFor::backoff) == 1);
  world.advance(7s);
  CHECK(waited(WaitFor::backoff) == 7s);
  CHECK(seen.all.size() == 1);
  const auto told = requests();
  REQUIRE(told.size() == 1);
  REQUIRE(told[0].waits.has_value());
  CHECK(told[0].waits->reason == WaitFor::backoff);
  CHECK(told[0].attempts[0].status == 429);
}

TEST_CASE_FIXTURE(Fixture, "a wait for a permit is counted, and told once it is long") {
  use([](relay::RouteOptions& route) { route.in_flight_max = 1; });
  ask("/first");
  ask("/second");
  CHECK(waiting(WaitFor::queue) == 1);
  world.advance(6s);
  REQUIRE(seen.all.size() == 1);
  CHECK(seen.all[0].path == "/second");
  CHECK(seen.all[0].wait.reason == WaitFor::queue);
  CHECK(waited(WaitFor::queue) == 6s);
}

TEST_CASE_FIXTURE(Fixture,
                  "a wait for a turn is counted, and told with the turn that is expected") {
  use([](relay::RouteOptions& route) { route.pacing.ceiling = {1, 20s}; });
  ask("/first");
  world.upstream().give(answer("200 OK"));
  world.settle();
  ask("/second");
  CHECK(waiting(WaitFor::pacing) == 1);
  REQUIRE(seen.all.size() == 1);
  CHECK(seen.all[0].wait.reason == WaitFor::pacing);
  CHECK(seen.all[0].wait.end_known);
  CHECK(seen.all[0].wait.until - seen.all[0].wait.since >= 20s);
  CHECK(seen.all[0].wait.until - seen.all[0].wait.since < 21s);
  ask("/third");
  REQUIRE(seen.all.size() == 2);
  CHECK(seen.all[1].wait.until - seen.all[1].wait.since >= 40s);
  world.advance(21s);
  CHECK(waited(WaitFor::pacing) == 42s);
  CHECK(waiting(WaitFor::pacing) == 1);
}

TEST_CASE_FIXTURE(Fixture, "a wait for a quota is told with the reset that the upstream named") {
  ask("/first");
  const std::string used_up = "RateLimit-Limit: 100\r\nRateLimit-Remaining: 0\r\n";
  world.upstream().give(answer("200 OK", "", used_up + "RateLimit-Reset: 14\r\n"));
  world.settle();
  ask("/first");
  REQUIRE(seen.all.size() == 1);
  CHECK(seen.all[0].wait.reason == WaitFor::pacing);
  CHECK(seen.all[0].wait.until - seen.all[0].wait.since >= 14s);
  CHECK(seen.all[0].wait.until - seen.all[0].wait.since < 17s);
}

TEST_CASE_FIXTURE(Fixture,
                  "requests that a quota holds take no permits from those of other kinds") {
  use([](relay::RouteOptions& route) { route.in_flight_max = 1; });
  ask("/searches");
  const std::string used_up = "RateLimit-Limit: 100\r\nRateLimit-Remaining: 0\r\n";
  world.upstream().give(answer("200 OK", "", used_up + "RateLimit-Reset: 12\r\n"));
  world.settle();
  ask("/searches?page=2");
  ask("/searches?page=3");
  CHECK(waiting(WaitFor::pacing) == 2);
  world.upstream().stream.take_written();
  ask("/users");
  CHECK(waiting(WaitFor::queue) == 0);
  CHECK(world.upstream().stream.written().starts_with("GET /users "));
  world.upstream().give(answer("200 OK"));
  world.advance(13s);
  CHECK(waiting(WaitFor::pacing) == 0);
  CHECK(waiting(WaitFor::queue) == 1);  // one is at the upstream
}

TEST_CASE_FIXTURE(Fixture, "the wait of a client that leaves is over, and is told no more") {
  world.tokens.hang();
  world.settle();
  ask("/x");
  world.advance(2s);
  world.clients.back()->break_off();
  world.settle();
  CHECK(waiting(WaitFor::token) == 0);
  CHECK(waited(WaitFor::token) == 2s);
  world.advance(60s);
  CHECK(seen.all.empty());
}

TEST_CASE_FIXTURE(Fixture, "a request is listed from its head on, and with its end") {
  ask("/users?page=2");
  auto told = requests();
  REQUIRE(told.size() == 1);
  CHECK(told[0].path == "/users");
  CHECK(told[0].attempts.empty());
  CHECK_FALSE(told[0].over);
  CHECK_FALSE(told[0].waits);
  world.upstream().give(answer("503 Service Unavailable"));
  world.settle();
  world.advance(5s);
  world.upstream().give(answer("200 OK", "yes"));
  world.settle();
  told = requests();
  REQUIRE(told.size() == 1);
  CHECK(told[0].over);
  CHECK(told[0].whole);
  CHECK(told[0].status == 200);
  CHECK(told[0].attempts_made == 2);
  REQUIRE(told[0].attempts.size() == 2);
  CHECK(told[0].attempts[0].status == 503);
  CHECK(told[0].attempts[1].status == 200);
  CHECK(told[0].attempts[1].cause == relay::Cause::server_error);
  CHECK(told[0].attempts[1].waited > 0s);
  CHECK(told[0].error.empty());
}

TEST_CASE_FIXTURE(
    Fixture, "replies of our own are told by their error, and are no latency of the upstream") {
  world.tokens.hang();
  world.settle();
  ask("/x");
  world.tokens.fail(token::State::Health::rejected, "check client_id");
  world.settle();
  const auto told = requests();
  REQUIRE(told.size() == 1);
  CHECK(told[0].status == 502);
  CHECK(told[0].error == "credential_rejected");
  const relay::RouteTotals totals = world.totals().routes.at("/");
  CHECK(totals.latencies.count() == 1);
  CHECK(totals.latencies.since(totals.unrelayed).count() == 0);
}
