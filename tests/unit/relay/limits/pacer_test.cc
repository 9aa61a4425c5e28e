#include "relay/limits/pacer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "tests/support/owned_loop.h"
#include "tests/unit/http/field_list.h"

using namespace bearer;
using namespace bearer::relay;
using namespace std::chrono_literals;
using http::test::Fields;

namespace {

/// A route's requests, each of which goes as soon as it may.
struct Route {
  explicit Route(const PacingOptions& options) : pacer(options, 5min) {}

  /// Sends one, and takes the answer, which says so much of a quota.
  void answered(const std::string& remaining, const std::string& reset,
                std::optional<base::Duration> asked = {}) {
    Pacer::UnderWay under_way;
    net::Sleeper sleeper(time.loop());
    REQUIRE(time.run(pacer.pass(time.wait(sleeper), kind, under_way)) == Pacer::Turn::now);
    const Fields fields{{"X-RateLimit-Limit", "100"},
                        {"X-RateLimit-Remaining", remaining},
                        {"X-RateLimit-Reset", reset}};
    pacer.answered(under_way, "GET", "/", fields, asked, time.loop());
  }
  base::Duration wait() { return pacer.estimate(kind, time.now(), base::kNever) - time.now(); }

  test::OwnedLoop time;
  Pacer pacer;
  RequestKind kind = request_kind("GET", "/");
};

}  // namespace

TEST_CASE("an answer's own time to wait counts before the reset of a quota that is used up") {
  struct Case {
    const char *remaining, *reset;
    base::Duration asked, wait;
  };
  const Case cases[] = {
      {"0", "15", 2s, 2s}, {"0", "15", 400ms, 400ms},
      {"0", "7", 7s, 7s},   // to the second, and not a second more
      {"0", "7", 20s, 7s},  // the request's own wait is not the quota's
      {"1", "7", 20s, 0s},  // there is one left
      {"0", "7", 0s, 8s},   // which asks for no wait
  };
  for (const Case& c : cases) {
    CAPTURE(c.reset);
    Route route({.on = true, .ceiling = {}});
    route.answered(c.remaining, c.reset, c.asked);
    CHECK(std::max<base::Duration>(route.wait(), 0s) == c.wait);
  }
}

TEST_CASE("an answer's own time to wait is not the length of the quota's windows") {
  Route route({.on = true, .ceiling = {}});
  route.answered("0", "30", 1s);
  route.time.advance(1s);
  CHECK(route.wait() <= 0s);
  Pacer::UnderWay under_way;
  net::Sleeper sleeper(route.time.loop());
  REQUIRE(route.time.run(route.pacer.pass(route.time.wait(sleeper), route.kind, under_way)) ==
          Pacer::Turn::now);
  CHECK(route.wait() > 300ms);  // a hundred requests in 31 s, until an answer says more
}

TEST_CASE("a ceiling and a quota hold together: the later one counts") {
  SUBCASE("the ceiling's turn is later") {
    Route route({.on = true, .ceiling = {1, 10s}});
    route.answered("0", "3");
    CHECK(route.wait() == 10s);
  }
  SUBCASE("the quota's reset is later") {
    Route route({.on = true, .ceiling = {1, 10s}});
    route.answered("0", "30");
    CHECK(route.wait() == 31s);
  }
  SUBCASE("there is no ceiling") {
    Route route({.on = true, .ceiling = {}});
    route.answered("0", "3");
    CHECK(route.wait() == 4s);
    CHECK(route.pacer.next_turn(route.time.now()) <= route.time.now());
  }
  SUBCASE("pacing is off") {
    Route route({.on = false, .ceiling = {1, 10s}});
    route.answered("0", "30");
    CHECK_FALSE(route.pacer.awake());  // so nobody asks it
    CHECK_FALSE(route.pacer.told());
  }
}
