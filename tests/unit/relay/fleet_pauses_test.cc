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
class Fleet final : public relay::PauseExchange {
 public:
  base::Result<std::vector<base::Duration>> exchange(const std::vector<Pause>& here) override {
    if (failing) return base::Error{base::Errc::store_unusable, "down"};
    std::vector<base::Duration> left;
    for (const Pause& pause : here) {
      base::Duration& known = pauses[pause.route];
      known = std::max(known, pause.left);
      left.push_back(known);
    }
    return left;
  }
  void cancel() override {}

  std::map<std::string, base::Duration> pauses;
  bool failing = false;
};

struct Proxy {
  Proxy(Fleet& its_fleet, const base::Clock& its_clock) : fleet(its_fleet), clock(its_clock) {
    relay::RouteOptions options;
    options.upstream = http::parse_url("https://api.example.com").value();
    options.retry.window = 120s;
    routes.push_back(std::make_shared<relay::Route>(options));
  }
  void told_to_wait(base::Duration wait) { routes[0]->pause.begin(clock.now(), wait, 120s); }
  std::size_t share() { return relay::share_pauses(routes, fleet, clock)->size(); }
  base::Duration left() const { return routes[0]->pause.ends() - clock.now(); }

  Fleet& fleet;
  const base::Clock& clock;
  std::vector<std::shared_ptr<relay::Route>> routes;
};

struct Two {
  test::OwnedClock clock;
  Fleet fleet;
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
  of.fleet.pauses.begin()->second = 24h;
  CHECK(of.other.share() == 0);
  CHECK(of.other.left() == 8s);
}

TEST_CASE("the rest of a long pause is not told, for it may be over before its time") {
  Two of;
  of.one.told_to_wait(200s);
  of.clock.advance(150s);
  of.one.share();
  CHECK(of.fleet.pauses.begin()->second == 0s);
}

TEST_CASE("a fleet that cannot be asked changes nothing") {
  Two of;
  of.one.told_to_wait(8s);
  of.fleet.failing = true;
  const auto begun = relay::share_pauses(of.one.routes, of.fleet, of.clock);
  REQUIRE(begun.has_error());
  CHECK(begun.error().code == base::Errc::store_unusable);
  CHECK(of.one.left() == 8s);
}
