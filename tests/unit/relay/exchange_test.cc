// Whole exchanges over scripted streams: what a client, an upstream and the credential say, and
// what each of them gets to read.
#include "relay/exchange.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/support/observations.h"
#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"
#include "tests/unit/relay/exchange_fixture.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::exchanging;
using Dialing = test::RelayWorld::Upstream::Dialing;

TEST_CASE_FIXTURE(Fixture, "a request goes out with the token, and its response comes back") {
  Wire& client = ask(get("/users?page=2", "Accept: text/csv\r\n"));
  const RawMessage sent = take(world.upstream());
  CHECK(sent.start_line == "GET /users?page=2 HTTP/1.1");
  CHECK(sent.has("Host: api.example.com"));
  CHECK(sent.has("Accept: text/csv"));
  CHECK(sent.has("Authorization: Bearer one"));
  respond(answer("200 OK", "a,b", "Content-Type: text/csv\r\n"));
  const RawMessage response = take(client);
  CHECK(response.status() == 200);
  CHECK(response.body == "a,b");
  CHECK(response.value("Bearer-Proxy-Attempts").empty());
  const test::Observations::Exchange end = seen.exchange(1);
  CHECK(end.status == 200);
  CHECK(end.attempts == 1);
  CHECK(end.whole);
  CHECK(end.response_bytes == 3);
}

TEST_CASE_FIXTURE(Fixture, "connections to client and upstream carry one request after the other") {
  Wire& client = ask(get("/1"));
  respond(answer("200 OK", "1"));
  CHECK(take(client).body == "1");
  client.give(get("/2"));
  world.settle();
  CHECK(upstream_was_dialed(1));
  respond(answer("200 OK", "2"));
  CHECK(take(client).body == "2");
}

TEST_CASE_FIXTURE(Fixture,
                  "a 429 is retried when its time has come, and pauses the route's others") {
  Wire& client = ask(get("/1"));
  respond(answer("429 Too Many Requests", "", kWait));
  Wire& other = ask(get("/2"));
  CHECK(upstream_was_dialed(1));
  world.upstream().stream.take_written();
  world.advance(3s - 1ns);
  CHECK(nothing_at(world.upstream()));
  world.advance(2s);  // and the jitter
  std::size_t sent = 0;
  for (const auto& wire : world.at_upstream.wires) sent += !wire->stream.written().empty();
  CHECK(sent == 2);
  for (const auto& wire : world.at_upstream.wires) wire->give(answer("200 OK"));
  world.settle();
  CHECK(take(client).has("Bearer-Proxy-Attempts: 2"));
  CHECK(take(other).status() == 200);
  CHECK(world.totals().routes.at("/").waited[relay::WaitFor::pause] >= 3s);
}

TEST_CASE_FIXTURE(Fixture, "a refused connection is tried again, for any method") {
  world.at_upstream.next = Dialing::is_refused;
  Wire& client = ask(post("x"));
  CHECK(upstream_was_dialed(0));
  world.advance(2s);
  REQUIRE(upstream_was_dialed(1));
  CHECK(take(world.upstream()).body == "x");
  respond(answer("200 OK"));
  CHECK(take(client).has("Bearer-Proxy-Attempts: 2"));
}

TEST_CASE_FIXTURE(Fixture, "a fault that is not retried is told in a reply of our own") {
  use([](relay::RouteOptions& route) { route.retry.max_retries = 0; });
  struct Case {
    const char* what;
    std::function<void()> fails;
    int status;
    std::string_view error;
  };
  const Case cases[] = {
      {"ends", [&] { world.upstream().end(); }, 502, "connection_terminated"},
      {"malformed", [&] { world.upstream().give("what?\r\n\r\n"); }, 502, "http_protocol_error"},
      {"silent", [&] { world.clock.advance(60s); }, 504, "http_response_timeout"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Wire& client = ask(get());
    c.fails();
    world.settle();
    const RawMessage reply = take(client);
    CHECK(reply.status() == c.status);
    CHECK(reply.value("Proxy-Status").find(c.error) != std::string::npos);
    CHECK(reply.value("Content-Type") == "application/problem+json");
  }
}

TEST_CASE_FIXTURE(Fixture, "without a token a request waits for one, and is told if none comes") {
  world.tokens.hang();
  world.settle();
  Wire& lucky = ask(get());
  CHECK(upstream_was_dialed(0));
  world.tokens.issue("late");
  world.settle();
  CHECK(take(world.upstream()).has("Authorization: Bearer late"));
  respond(answer("200 OK"));
  CHECK(take(lucky).status() == 200);

  world.tokens.hang();
  world.settle();
  Wire& unlucky = ask(get());
  world.advance(10s);
  const RawMessage reply = take(unlucky);
  CHECK(reply.status() == 503);
  CHECK(reply.has("Retry-After: 1"));
  CHECK(reply.value("Proxy-Status").find("credential_unavailable") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "the token goes where the route says, and fixed fields beside it") {
  use([](relay::RouteOptions& route) {
    route.auth_field = "X-Shop-Token";
    route.auth_scheme = "";
    route.fixed_fields = {{"X-Api-Key", base::Secret("k3y")}};
  });
  world.tokens.issue_when_rejected({"two"});
  ask(get("/",
          "x-shop-token: mine\r\nX-API-KEY: mine\r\nAuthorization: Bearer mine\r\n"
          "Connection: x-shop-token, x-api-key\r\n"));
  const RawMessage first = take(world.upstream());
  CHECK(first.has("X-Shop-Token: one"));
  CHECK(first.has("X-Api-Key: k3y"));
  CHECK(first.fields.find("mine") == std::string::npos);
  CHECK(first.value("Authorization") == "");
  respond(answer("401 Unauthorized"));
  CHECK(take(world.upstream()).has("X-Shop-Token: two"));
}

TEST_CASE_FIXTURE(Fixture, "one beyond the limit in flight waits for its permit") {
  use([](relay::RouteOptions& route) { route.in_flight_max = 1; });
  Wire& first = ask(get("/1"));
  Wire& second = ask(get("/2"));
  CHECK(upstream_was_dialed(1));
  world.upstream().stream.take_written();
  respond(answer("200 OK", "1"));
  CHECK(take(first).body == "1");
  CHECK(take(world.upstream()).start_line == "GET /2 HTTP/1.1");
  respond(answer("200 OK", "2"));
  CHECK(take(second).body == "2");
}

TEST_CASE_FIXTURE(Fixture,
                  "a slow upload leaves its retries their window, not a client's patience") {
  use([](relay::RouteOptions& route) { route.retry.window = 4s; });
  for (const bool says_patience : {false, true}) {
    CAPTURE(says_patience);
    const std::string prefer = says_patience ? "Prefer: wait=4\r\n" : "";
    Wire& client =
        ask("PUT /report HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n" + prefer + "\r\nab");
    world.advance(30s);
    client.give("cd");
    world.settle();
    CHECK(take(world.upstream()).body == "abcd");
    respond(answer("503 Service Unavailable", "later"));
    if (says_patience) {
      CHECK(take(client).status() == 503);
      continue;
    }
    CHECK(nothing_at(client));
    world.advance(1500ms);  // a backoff of 1 s, and half of it as jitter
    CHECK(take(world.upstream()).body == "abcd");
    respond(answer("200 OK"));
    CHECK(take(client).status() == 200);
  }
}

TEST_CASE_FIXTURE(Fixture, "a pause beyond the window is kept: others are told how long it lasts") {
  use([](relay::RouteOptions& route) { route.retry.window = 300s; });
  Wire& client = ask(get("/1"));
  respond(answer("429 Too Many Requests", "theirs", "Retry-After: 600\r\n"));
  CHECK(take(client).body == "theirs");
  world.upstream().stream.take_written();
  world.advance(20s);
  client.give(get("/2"));
  world.settle();
  CHECK(nothing_at(world.upstream()));
  const RawMessage reply = take(client);
  CHECK(reply.status() == 429);
  CHECK(reply.has("Retry-After: 580"));
  CHECK(reply.value("Proxy-Status").find("destination_unavailable") != std::string::npos);

  SUBCASE("one request asks whether it is over, and its success ends the pause") {
    world.advance(10s);
    client.give(get("/trial"));
    Wire& other = ask(get("/other"));
    CHECK(take(other).status() == 429);
    CHECK(take(world.upstream()).start_line == "GET /trial HTTP/1.1");
    respond(answer("200 OK"));
    CHECK(take(client).status() == 200);
    other.give(get("/again"));
    world.settle();
    CHECK(take(world.upstream()).start_line == "GET /again HTTP/1.1");
  }
  SUBCASE("a trial that is refused leaves it as it is, or as it is told now") {
    world.advance(10s);
    client.give(get("/trial"));
    world.settle();
    respond(answer("429 Too Many Requests", "", "Retry-After: 900\r\n"));
    CHECK(take(client).status() == 429);
    world.upstream().stream.take_written();
    client.give(get("/2"));
    world.settle();
    CHECK(take(client).has("Retry-After: 900"));
    CHECK(nothing_at(world.upstream()));
  }
  SUBCASE("those who can wait for its rest do so") {
    world.advance(300s);
    ask(get("/3"));
    CHECK(upstream_was_dialed(1));
    world.advance(280s - 1ns);
    CHECK(upstream_was_dialed(1));
    world.advance(20s + 1ns);  // its window's end
    REQUIRE(upstream_was_dialed(2));
    CHECK(take(world.upstream()).start_line == "GET /3 HTTP/1.1");
  }
}

TEST_CASE_FIXTURE(Fixture, "a head has as many fields as the settings allow, on either side") {
  const auto fields = [](int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) lines += "X-Progress: 1\r\n";
    return lines;
  };
  relay::RouteOptions route;
  relay::ServiceOptions service;
  route.response_fields_max = service.request_fields_max = 200;
  world.use(route, service);
  Wire& client = ask(get("/", fields(199)));  // and Host
  respond(answer("200 OK", "x", fields(199)));
  CHECK(take(client).status() == 200);
  Wire& odd = ask(get("/", fields(200)));
  CHECK(take(odd).status() == 431);
  Wire& misled = ask(get());
  respond(answer("200 OK", "x", fields(200)));
  CHECK(take(misled).status() == 502);
}

TEST_CASE_FIXTURE(Fixture, "what was never processed goes again at once, and then with backoff") {
  use([](relay::RouteOptions& route) { route.retry.max_retries = 2; });
  const auto refuse = [&] {
    world.upstream().refused = true;
    world.upstream().break_off();
    world.settle();
  };
  Wire& client = ask(post("{}"));
  refuse();
  CHECK(upstream_was_dialed(2));
  refuse();
  CHECK(upstream_was_dialed(2));
  for (std::size_t dialed = 3; dialed <= 4; ++dialed) {
    world.advance(10s);
    CHECK(upstream_was_dialed(dialed));
    CHECK(nothing_at(client));
    refuse();
  }
  CHECK(take(client).status() == 502);
}
