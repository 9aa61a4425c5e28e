#include "relay/telemetry/route_counters.h"

#include <doctest/doctest.h>

#include <optional>
#include <utility>

#include "relay/telemetry/counter_registry.h"
#include "tests/support/owned_loop.h"

using namespace bearer;
using namespace std::chrono_literals;
using relay::Cause;
using relay::RouteCounters;
using relay::RouteTotals;

namespace {

relay::ExchangeEnd ended(const relay::Request& request, int status) {
  return {.request = request,
          .status = status,
          .attempts = 1,
          .took = 3ms,
          .waited = 15s,
          .token_generation = 1,
          .request_bytes = 10,
          .response_bytes = 20,
          .whole = status != 0};
}

}  // namespace

TEST_CASE("a request is counted by its method and its client's status") {
  RouteCounters counters;
  relay::Request request;
  request.method = http::Method::post;
  for (const int status : {200, 200, 299, 0}) counters.exchange_ended(ended(request, status));
  const RouteTotals totals = counters.read({});
  const auto post = static_cast<relay::CountedMethod>(http::Method::post);
  CHECK(relay::kCountedMethods[post] == "POST");
  CHECK(totals.requests ==
        relay::RequestTotals{{{post, 200}, 2}, {{post, 299}, 1}, {{post, 0}, 1}});
  CHECK(totals.latencies.count() == 4);
  CHECK(totals.request_bytes == 40);
  CHECK(totals.response_bytes == 80);
  CHECK(totals.cut_short == decltype(totals.cut_short){});  // who left has no answer that could be
}

TEST_CASE("the totals of several loops are the sums of each method's codes") {
  RouteCounters counters;
  relay::Request request;
  request.method = http::Method::post;
  counters.exchange_ended(ended(request, 404));
  RouteTotals sums;
  for (int i = 0; i < 3; ++i) sums += counters.read({});
  const auto post = static_cast<relay::CountedMethod>(http::Method::post);
  CHECK(sums.requests == relay::RequestTotals{{{post, 404}, 3}});
}

TEST_CASE("an answer that broke off is counted as such") {
  RouteCounters counters;
  const relay::Request request{};
  relay::ExchangeEnd broken = ended(request, 200);
  broken.whole = false;
  counters.exchange_ended(broken);
  CHECK(counters.read({}).cut_short[0] == 1);
}

TEST_CASE("what was no response of the upstream's is told apart in the latencies") {
  RouteCounters counters;
  const relay::Request request{};
  relay::ExchangeEnd own = ended(request, 502);
  own.error = "connection_refused";
  for (const relay::ExchangeEnd& end :
       {ended(request, 200), ended(request, 503), own, ended(request, 0)}) {
    counters.exchange_ended(end);
  }
  const RouteTotals totals = counters.read({});
  CHECK(totals.latencies.count() == 4);
  CHECK(totals.latencies.since(totals.unrelayed).count() == 2);
}

TEST_CASE("of several loops, the certificate counts that was seen last") {
  const base::Instant now{1h};
  RouteTotals sum;
  for (const auto& [seen, ends] :
       {std::pair(now, 70h), std::pair(now + 1s, 10h), std::pair(now - 1s, 90h)}) {
    RouteCounters counters;
    counters.certificate_shown({seen, base::WallTime(ends)});
    sum += counters.read(now);
  }
  CHECK(sum.certificate.ends == base::WallTime(10h));
  sum += RouteTotals{};
  CHECK(sum.certificate.ends == base::WallTime(10h));
}

TEST_CASE("an attempt is counted by what made it necessary") {
  struct Case {
    int status;
    std::optional<base::Errc> fault;
    Cause cause;
  };
  const Case cases[] = {
      {401, {}, Cause::unauthorized},
      {429, {}, Cause::too_many_requests},
      {503, {}, Cause::server_error},
      {409, {}, Cause::other_status},
      {0, base::Errc::connect_refused, Cause::not_connected},
      {0, base::Errc::connection_lost, Cause::connection_lost},
      {0, base::Errc::response_timeout, Cause::response_timeout},
  };
  for (const Case& c : cases) {
    relay::Outcome outcome;
    outcome.status = c.status;
    outcome.rejected = c.status == 401;
    outcome.fault = c.fault;
    outcome.rejected = c.status == 401;
    CAPTURE(c.status);
    CHECK(relay::cause_after(outcome) == c.cause);
  }
}

TEST_CASE("the registry gives a loop the same counters of a route again, and sums all loops") {
  test::OwnedLoop first;
  test::OwnedLoop second;
  relay::CounterRegistry registry;
  const auto mine = registry.route(first.loop(), "/");
  const auto others = registry.route(second.loop(), "/");
  const auto elsewhere = registry.route(second.loop(), "/crm/");
  CHECK(mine == registry.route(first.loop(), "/"));
  CHECK(mine != others);
  mine->in_flight.add();
  others->in_flight.add(2);
  elsewhere->in_flight.add(5);
  registry.loop(first.loop()).clients.add(3);
  registry.loop(second.loop()).clients.add(4);
  const relay::Totals totals = registry.totals();
  CHECK(totals.routes.at("/").in_flight == 3);
  CHECK(totals.routes.at("/crm/").in_flight == 5);
  CHECK(totals.clients == 7);
  CHECK(totals.loops == 2);
}

TEST_CASE("the registry forgets a route with the last who held its counters") {
  test::OwnedLoop loop;
  relay::CounterRegistry registry;
  auto before = registry.route(loop.loop(), "/gone/");
  before->in_flight.add();
  {
    const auto after = registry.route(loop.loop(), "/gone/");  // a reload left the route
    before.reset();
    CHECK(registry.totals().routes.at("/gone/").in_flight == 1);
  }
  CHECK(registry.totals().routes.empty());
  registry.sweep();
  CHECK(registry.route(loop.loop(), "/gone/")->in_flight.value() == 0);
}

TEST_CASE("answers of our own are counted by error and status") {
  relay::LoopCounters counters;
  counters.replied(relay::reply_for(base::Errc::connect_refused, "a"));
  counters.replied(relay::reply_for(base::Errc::connect_refused, "b"));
  counters.replied(relay::reply_for(base::Errc::token_rejected, ""));
  relay::RepliesByError sums;
  counters.add_replies(sums);
  counters.add_replies(sums);
  CHECK(sums.size() == 2);
  CHECK(sums[{"connection_refused", 502}] == 4);
  CHECK(sums[{"credential_rejected", 502}] == 2);
}

TEST_CASE("who is counted is counted once, wherever it is moved to") {
  base::Count count;
  {
    base::Counted counted(count);
    base::Counted moved(std::move(counted));
    CHECK(count.value() == 1);
    moved = base::Counted(count);
    CHECK(count.value() == 1);
    moved = {};
    CHECK(count.value() == 0);
  }
  CHECK(count.value() == 0);
}
