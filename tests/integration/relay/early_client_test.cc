// Clients that are there before the proxy is: those of one that is started again.
#include <doctest/doctest.h>

#include <utility>

#include "relay/service.h"
#include "tests/support/observations.h"
#include "tests/support/owned_clock.h"
#include "tests/support/raw_message.h"
#include "tests/support/scripted_source.h"

using namespace bearer;
using namespace bearer::test;

TEST_CASE("who connects before the service is made is served like any other") {
  OwnedClock clock;
  ScriptedSource tokens{clock};
  tokens.issue("one");
  Observations seen;
  RawListener upstream;
  auto listeners = net::Listener::open({"127.0.0.1", 0});
  RawSocket client = RawSocket::connect(listeners->front().address().port());
  client.send(get());

  relay::RouteOptions route;
  route.upstream.host = "127.0.0.1";
  route.upstream.port = upstream.port();
  auto service = relay::Service::make({}, {route}, {{"default", borrowed(tokens)}},
                                      {clock, seen, std::move(*listeners)});
  REQUIRE(service.has_value());
  (*service)->start();
  RawSocket request = upstream.accept();
  CHECK(read_head(request).has("Authorization: Bearer one"));
  request.send(answer("200 OK", "x"));
  CHECK(read_message(client).status() == 200);
}
