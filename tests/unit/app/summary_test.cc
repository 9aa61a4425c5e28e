#include "app/summary.h"

#include <doctest/doctest.h>

using namespace bearer;
using namespace std::chrono_literals;

namespace {

std::uint64_t& caused_by(relay::RouteTotals& route, relay::Cause cause) {
  return route.attempts[static_cast<std::size_t>(cause)];
}

}  // namespace

TEST_CASE("the summary adds up what was counted of every route") {
  relay::Totals totals;
  relay::RouteTotals& orders = totals.routes["/orders/"];
  orders.requests[{0, 200}] = 2;
  orders.requests[{2, 503}] = 1;
  caused_by(orders, relay::Cause::first) = 3;
  caused_by(orders, relay::Cause::server_error) = 3;
  caused_by(orders, relay::Cause::unauthorized) = 2;
  orders.waited[relay::WaitFor::pause] = 1s;
  orders.waited[relay::WaitFor::backoff] = 500ms;
  relay::RouteTotals& rest = totals.routes["/"];
  rest.requests[{0, 200}] = 1;
  caused_by(rest, relay::Cause::first) = 1;
  caused_by(rest, relay::Cause::connection_lost) = 1;
  rest.waited[relay::WaitFor::token] = 3s;
  CHECK(app::summary(totals, {.fetched = 2, .shared = 3}) ==
        "4 requests, 1 of them failed, 4 retries, 2 replays after a 401, 4.5 s waited, 2 tokens "
        "fetched, "
        "3 taken from the store");
}

TEST_CASE("the summary of nothing, and of one of each") {
  relay::Totals totals;
  CHECK(app::summary(totals, {}) ==
        "0 requests, 0 retries, 0 replays after a 401, 0 ms waited, 0 tokens fetched");
  relay::RouteTotals& route = totals.routes["/"];
  route.requests[{0, 200}] = 1;
  caused_by(route, relay::Cause::first) = 1;
  caused_by(route, relay::Cause::too_many_requests) = 1;
  caused_by(route, relay::Cause::unauthorized) = 1;
  CHECK(app::summary(totals, {.fetched = 1}) ==
        "1 request, 1 retry, 1 replay after a 401, 0 ms waited, 1 token fetched");
}

TEST_CASE("failed are the answers that the proxy is there to absorb, and no others") {
  relay::Totals totals;
  auto& codes = totals.routes["/"].requests;
  for (const int status : {200, 302, 400, 403, 404, 0, 711}) codes[{0, status}] = 1;
  CHECK(app::summary(totals, {}).starts_with("7 requests, 0 retries"));
  for (const int status : {401, 429, 500, 503, 504, 599}) codes[{0, status}] = 1;
  CHECK(app::summary(totals, {}).starts_with("13 requests, 6 of them failed, 0 retries"));
}
