#include "relay/telemetry/counter_registry.h"

#include <doctest/doctest.h>

#include <memory>

#include "base/clock.h"
#include "net/loop.h"
#include "relay/request.h"

using namespace bearer;
using relay::CounterRegistry;

TEST_CASE("the routes to which no request came can be left out of the totals") {
  net::Loop one(base::system_clock()), other(base::system_clock());
  CounterRegistry registry;
  const auto idle = registry.route(one, "/idle/");
  const auto asked = registry.route(one, "/asked/");
  const auto asked_elsewhere = registry.route(other, "/asked/");
  const auto flying = registry.route(other, "/flying/");
  relay::Request request;
  request.method = http::Method::get;
  asked_elsewhere->exchange_ended({.request = request, .status = 204, .whole = true});
  flying->in_flight.add();
  CHECK_FALSE(asked->used());

  const relay::Totals all = registry.totals();
  CHECK(all.routes.size() == 3);
  CHECK(all.routes.at("/idle/").requests.empty());
  const relay::Totals used = registry.totals(CounterRegistry::Routes::used);
  CHECK(used.loops == 0);
  REQUIRE(used.routes.size() == 2);
  CHECK(used.routes.at("/asked/").requests == relay::RequestTotals{{{0, 204}, 1}});
  CHECK(used.routes.at("/flying/").in_flight == 1);
}
