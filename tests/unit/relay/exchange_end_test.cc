// What is late, what leaves and what a drain finds: the ends of exchanges before their time.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/support/observations.h"
#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"
#include "tests/unit/relay/exchange_fixture.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::exchanging;

TEST_CASE_FIXTURE(Fixture, "a client that leaves ends its attempt at once, and its wait") {
  Wire& client = ask(get());
  client.end();
  world.settle();
  CHECK(world.upstream().closed);
  CHECK(client.closed);
  CHECK(seen.exchange(1).status == 0);

  Wire& waiting = ask(get());
  respond(answer("503 Service Unavailable", "", kWait));
  waiting.end();
  world.settle();
  CHECK(waiting.closed);
  world.advance(60s);
  CHECK(seen.exchange(2).attempts == 1);
  CHECK(upstream_was_dialed(2));
}

TEST_CASE_FIXTURE(Fixture, "a head that is late, or none, is answered and its connection ends") {
  Wire& slow = ask("GET / HT");
  world.advance(10s);
  CHECK(take(slow).status() == 408);
  Wire& odd = ask("\x01\r\n\r\n");
  const RawMessage reply = take(odd);
  CHECK(reply.status() == 400);
  CHECK(reply.has("Connection: close"));
  CHECK(odd.stream.shut_down());
  Wire& idle = world.connect();
  world.advance(75s);
  CHECK(idle.closed);
  CHECK(nothing_at(idle));
}

TEST_CASE_FIXTURE(Fixture, "a drain lets a request come to its end, and then its connection") {
  Wire& client = ask(get());
  Wire& idle = world.connect();
  world.settle();
  world.sessions().drain();
  world.settle();
  CHECK(idle.closed);
  respond(answer("200 OK"));
  CHECK(take(client).has("Connection: close"));
}

TEST_CASE_FIXTURE(Fixture, "what came while the process stood still is read before it is late") {
  use([](relay::RouteOptions& route) { route.retry.max_retries = 0; });
  Wire& client = ask(post("x"));
  world.upstream().give(answer("201 Created", "1"));
  world.advance(10min);  // the loop hears of both in one turn
  CHECK(take(client).status() == 201);

  Wire& streaming = ask(get());
  respond("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
  world.upstream().give("cd");
  world.advance(10min);
  CHECK(streaming.stream.written().ends_with("\r\n\r\nabcd"));
  CHECK(seen.exchange(2).whole);

  Wire& idle = world.connect();
  world.settle();
  idle.give(get("/asked"));
  world.advance(10min);
  CHECK(take(world.upstream()).start_line == "GET /asked HTTP/1.1");
}

TEST_CASE_FIXTURE(Fixture, "at the end of a drain what still waits gets a reply, and no reset") {
  Wire& waiting = ask(get("/waits"));
  respond(answer("429 Too Many Requests", "", "Retry-After: 60\r\n"));
  Wire& paused = ask(get("/paused"));
  world.sessions().drain();
  world.settle();
  CHECK(nothing_at(waiting));
  world.sessions().end_waits();
  world.settle();
  for (Wire* client : {&waiting, &paused}) {
    const RawMessage reply = take(*client);
    CHECK(reply.status() == 503);
    CHECK(reply.value("Proxy-Status").find("connection_limit_reached") != std::string::npos);
    CHECK(reply.has("Connection: close"));
  }
}

TEST_CASE_FIXTURE(Fixture, "at the end of a drain nobody waits for a token or a place any more") {
  use([](relay::RouteOptions& route) { route.in_flight_max = 1; });
  Wire& first = ask(get());
  Wire& queued = ask(get());
  world.tokens.hang();
  world.settle();
  respond(answer("200 OK"));
  CHECK(take(first).status() == 200);
  world.settle();
  first.give(get());
  world.settle();
  world.sessions().drain();
  world.sessions().end_waits();
  world.settle();
  CHECK(take(queued).status() == 503);
  CHECK(take(first).status() == 503);
}
