#include "relay/client/lingering.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "tests/support/observations.h"
#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"

using namespace bearer;
using namespace std::chrono_literals;
using test::answer;
using test::get;
using test::Wire;

namespace {

const std::string kPiece(100'000, 'x');

struct Fixture {
  /// A client in the middle of an upload, which the upstream refuses.
  Wire& refused_early(std::string_view more_fields = {}) {
    Wire& client = world.connect();
    client.give("PUT /big HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n" +
                std::string(more_fields) + "\r\n" + kPiece);
    world.settle();
    world.upstream().give(answer("413 Content Too Large", "too much"));
    world.settle();
    CHECK(client.stream.take_written().ends_with("\r\n\r\ntoo much"));
    return client;
  }
  void send(Wire& client, int pieces) {
    for (int i = 0; i < pieces; ++i) client.give(kPiece);
    for (int i = 0; i < pieces; ++i) world.settle();
  }

  test::Observations seen;
  test::RelayWorld world{seen};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "after an early answer a body is taken to its end, and the next served") {
  Wire& client = refused_early();
  send(client, 29);
  CHECK_FALSE(client.stream.shut_down());
  client.give(get("/next"));
  world.settle();
  CHECK(world.upstream().stream.written().starts_with("GET /next HTTP/1.1\r\n"));
  world.upstream().give(answer("200 OK"));
  world.settle();
  CHECK(client.stream.written().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE_FIXTURE(Fixture, "after a reply of our own a body is taken to its end as well") {
  Wire& client = world.connect();
  client.give("POST / HTTP/1.1\r\nHost: elsewhere\r\nContent-Length: 1000000\r\n\r\n");
  world.settle();
  CHECK(client.stream.take_written().starts_with("HTTP/1.1 421 "));
  send(client, 10);
  client.give(get("/next"));
  world.settle();
  CHECK(world.upstream().stream.written().starts_with("GET /next HTTP/1.1\r\n"));
}

TEST_CASE_FIXTURE(Fixture, "a client that closes after its answer may still send what it likes") {
  Wire& client = refused_early("Connection: close\r\n");
  CHECK(client.stream.shut_down());
  send(client, 40);
  CHECK_FALSE(client.closed);
  client.end();
  world.settle();
  CHECK(client.closed);
}

TEST_CASE_FIXTURE(Fixture, "who is silent for 5 s, or sends for 30 s, is listened to no longer") {
  for (const char* fields : {"", "Connection: close\r\n"}) {
    Wire& silent = refused_early(fields);
    send(silent, 1);
    world.advance(5s - 1ns);
    CHECK_FALSE(silent.closed);
    world.advance(1ns);
    CHECK(silent.closed);

    Wire& endless = refused_early(fields);
    for (int i = 0; i < 7; ++i) {
      world.advance(4s);
      send(endless, 1);
    }
    world.advance(2s - 1ns);
    CHECK_FALSE(endless.closed);
    send(endless, 1);
    world.advance(1ns);
    CHECK(endless.closed);
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "what came while the process stood still is read before a client is late") {
  Wire& client = refused_early();
  send(client, 28);
  client.give(kPiece + get("/next"));
  world.advance(10min);
  world.settle();
  CHECK(world.upstream().stream.written().starts_with("GET /next HTTP/1.1\r\n"));
}

TEST_CASE_FIXTURE(Fixture, "in a crowd of clients that linger one more is given 64 KiB and 2 s") {
  base::Count& lingerers = world.sessions().context().lingerers;
  Wire& before = refused_early();
  lingerers.add(1023);
  Wire& patient = refused_early();
  world.advance(2s - 1ns);
  CHECK_FALSE(patient.closed);
  world.advance(1ns);
  CHECK(patient.closed);
  Wire& eager = refused_early();
  send(eager, 1);
  CHECK(eager.closed);
  CHECK_FALSE(before.closed);
  before.end();
  world.settle();
  CHECK(lingerers.value() == 1023);
  Wire& after = refused_early();
  send(after, 1);
  CHECK_FALSE(after.closed);
}

TEST_CASE_FIXTURE(Fixture, "a drain gives who still sends 2 s") {
  Wire& client = refused_early();
  world.sessions().drain();
  world.settle();
  world.advance(1s);
  send(client, 1);
  CHECK_FALSE(client.closed);
  world.advance(1s);
  CHECK(client.closed);
}

TEST_CASE_FIXTURE(Fixture, "an exchange is over when it is answered, and its place is free") {
  relay::RouteOptions route;
  route.in_flight_max = 1;
  world.use(route);
  refused_early();
  CHECK(seen.exchange(1).status == 413);
  Wire& other = world.connect();
  other.give(get("/other"));
  world.settle();
  CHECK(world.upstream().stream.written().starts_with("GET /other HTTP/1.1\r\n"));
}

TEST_CASE_FIXTURE(Fixture, "a body that turns out malformed after the answer ends its connection") {
  Wire& client = world.connect();
  client.give("POST / HTTP/1.1\r\nHost: elsewhere\r\nTransfer-Encoding: chunked\r\n\r\n");
  world.settle();
  CHECK(client.stream.take_written().starts_with("HTTP/1.1 421 "));
  client.give("3\r\nabc\r\nzz\r\n" + get("/smuggled"));
  world.settle();
  CHECK(client.stream.shut_down());
  CHECK(client.stream.written().empty());
  CHECK(world.at_upstream.wires.empty());
}

TEST_CASE_FIXTURE(Fixture, "one that sends without a pause does not keep the others waiting") {
  Wire& endless = refused_early("Connection: close\r\n");
  for (int i = 0; i < 100; ++i) endless.give(kPiece);
  Wire& other = world.connect();
  other.give(get("/other"));
  world.settle();
  CHECK(world.upstream().stream.written().starts_with("GET /other HTTP/1.1\r\n"));
  CHECK(endless.stream.reads() < 50);
}
