#include "relay/fleet_pauses.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/owned_clock.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

/// All proxies of the test share this, as Redis does it: the longer pause of the two stays.
class Fleet final : public relay::PauseStore {
 public:
  explicit Fleet(test::OwnedClock& clock) : clock_(clock) {}

  base::Result<std::vector<base::Duration>> merge(const std::vector<Pause>& here) override {
    if (failing) return base::Error{base::Errc::store_unusable, "down"};
    clock_.advance(way);
    std::vector<base::Duration> left;
    for (const Pause& pause : here) {
      base::Instant& ends = pauses[pause.route];
      ends = std::max(ends, clock_.now() + pause.left);
      left.push_back(ends - clock_.now());
    }
    clock_.advance(way);
    return left;
  }
  void cancel() override {}
  /// What is left of the first route's.
  base::Duration left() const { return pauses.begin()->second - clock_.now(); }

  std::map<std::string, base::Instant> pauses;
  base::Duration way{};  ///< which a question takes to it, and an answer back
  bool failing = false;

 private:
  test::OwnedClock& clock_;
};

struct Proxy {
  Proxy(Fleet& fleet, const base::Clock& its_clock) : clock(its_clock), pauses(fleet, its_clock) {
    relay::RouteOptions options;
    options.upstream = http::parse_url("https://api.example.com").value();
    options.retry.window = 120s;
    routes.push_back(std::make_shared<relay::Route>(options));
  }
  void told_to_wait(base::Duration wait) { routes[0]->pause.begin(clock.now(), wait, 120s); }
  std::size_t share() { return pauses.share(routes)->size(); }
  base::Duration left() const { return routes[0]->pause.ends() - clock.now(); }

  const base::Clock& clock;
  relay::FleetPauses pauses;
  std::vector<std::shared_ptr<relay::Route>> routes;
};

struct Two {
  test::OwnedClock clock;
  Fleet fleet{clock};
  Proxy one{fleet, clock}, other{fleet, clock};
};

}  // namespace

TEST_CASE("a pause that one proxy was told of holds for the others") {
  Two of;
  of.one.told_to_wait(8s);
  CHECK(of.one.share() == 0);  // its own, come back
  CHECK(of.other.share() == 1);
  CHECK(of.other.left() == 8s);
  CHECK(of.other.share() == 0);
}

TEST_CASE("an absurd pause never displaces a sensible one, in the fleet or in one of its proxies") {
  Two of;
  of.one.told_to_wait(24h);
  of.one.share();
  of.other.told_to_wait(8s);
  of.other.share();
  CHECK(of.other.left() == 8s);
  of.one.share();
  CHECK(of.one.left() == 8s);
  // A proxy with another window has put one there.
  of.fleet.pauses.begin()->second = of.clock.now() + 24h;
  CHECK(of.other.share() == 0);
  CHECK(of.other.left() == 8s);
}

TEST_CASE("the rest of a long pause is not told, for it may be over before its time") {
  Two of;
  of.one.told_to_wait(200s);
  of.clock.advance(150s);
  of.one.share();
  CHECK(of.fleet.left() == 0s);
}

TEST_CASE("a fleet that cannot be asked changes nothing") {
  Two of;
  of.one.told_to_wait(8s);
  of.fleet.failing = true;
  const auto begun = of.one.pauses.share(of.one.routes);
  REQUIRE(begun.has_error());
  CHECK(begun.error().code == base::Errc::store_unusable);
  CHECK(of.one.left() == 8s);
}

TEST_CASE("a fleet that answers late does not lengthen its pauses") {
  Two of;
  of.fleet.way = 300ms;
  of.one.told_to_wait(60s);
  const base::Instant ends = of.clock.now() + 60s;
  CHECK(of.one.share() == 0);
  CHECK(of.other.share() == 1);
  for (int round = 0; round < 20; ++round) {
    CHECK(of.one.share() + of.other.share() == 0);
  }
  CHECK(of.clock.now() + of.one.left() == ends);
  // The question's way to Redis when it was told, and the answer's way to the one who took it.
  CHECK(of.clock.now() + of.other.left() == ends + 600ms);
}

TEST_CASE("a pause that a trial found to be over does not come back, and a new one comes") {
  Two of;
  of.one.told_to_wait(60s);
  of.one.share();
  of.other.share();
  of.one.routes[0]->pause.end(of.one.routes[0]->pause.ends());
  CHECK(of.one.share() == 0);
  CHECK(of.one.left() <= 0s);
  of.other.told_to_wait(90s);
  of.other.share();
  CHECK(of.one.share() == 1);
  CHECK(of.one.left() == 90s);
}

TEST_CASE("a fleet that was away is told again") {
  Two of;
  of.one.told_to_wait(60s);
  of.one.share();
  of.fleet.failing = true;
  CHECK(of.one.pauses.share(of.one.routes).has_error());
  of.fleet.failing = false;
  of.fleet.pauses.clear();
  of.one.share();
  CHECK(of.fleet.left() == 60s);
}
