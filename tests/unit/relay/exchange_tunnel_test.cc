// What becomes of an exchange after a 101.
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

TEST_CASE_FIXTURE(Fixture, "a tunnel's handshake carries token and fixed fields as well") {
  use([](relay::RouteOptions& route) {
    route.auth_scheme = "Token token=";
    route.fixed_fields = {{"X-Api-Key", base::Secret("k3y")}};
  });
  ask(get("/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
  const RawMessage handshake = take(world.upstream());
  CHECK(handshake.has("Upgrade: websocket"));
  CHECK(handshake.has("Authorization: Token token=one"));
  CHECK(handshake.has("X-Api-Key: k3y"));
}

TEST_CASE_FIXTURE(Fixture, "after a 101 bytes pass both ways") {
  Wire& client = ask(get("/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
  respond(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi");
  CHECK(client.stream.take_written().ends_with("\r\n\r\nhi"));
  world.upstream().stream.take_written();
  client.give("ping");
  world.settle();
  CHECK(world.upstream().stream.take_written() == "ping");
}

TEST_CASE_FIXTURE(Fixture, "a handshake with a body opens a tunnel once the body is sent") {
  const std::string head =
      "POST /exec/1/start HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
      "Content-Length: 8\r\n\r\n";
  const std::string switched =
      "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n$ ";
  SUBCASE("whole") {
    world.tokens.issue_when_rejected({"two"});
    Wire& client = ask(head + "{\"T\":1}\n");
    CHECK(take(world.upstream()).body == "{\"T\":1}\n");
    respond(answer("401 Unauthorized", "no"));
    const RawMessage replay = take(world.upstream());
    CHECK(replay.has("Authorization: Bearer two"));
    CHECK(replay.has("Upgrade: tcp"));
    CHECK(replay.body == "{\"T\":1}\n");
    respond(switched);
    CHECK(client.stream.take_written().ends_with("\r\n\r\n$ "));
    client.give("ls\n");
    world.settle();
    CHECK(world.upstream().stream.take_written() == "ls\n");
  }
  SUBCASE("not yet, which is no place to switch") {
    Wire& client = ask(head + "{\"T\"");
    respond(switched);
    CHECK(client.stream.take_written().starts_with("HTTP/1.1 502 "));
  }
}

TEST_CASE_FIXTURE(Fixture, "a tunnel that its upstream breaks is told as cut, a client's is not") {
  for (const bool by_upstream : {true, false}) {
    CAPTURE(by_upstream);
    const int before = seen.cuts();
    Wire& client = ask(get("/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
    respond(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    Wire& breaking = by_upstream ? world.upstream() : client;
    breaking.stream.then(test::ScriptedStream::Status::failed);
    world.settle();
    CHECK(client.closed);
    CHECK(seen.cuts() - before == (by_upstream ? 1 : 0));
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "a WebSocket that both sides have closed is not cut, whatever breaks then") {
  const std::string from_client("\x88\x82\x01\x02\x03\x04\x02\xea", 8);
  const std::string from_upstream("\x88\x02\x03\xe8", 4);
  const auto open = [&](const char* protocol) -> Wire& {
    const std::string upgrade = "Connection: Upgrade\r\nUpgrade: " + std::string(protocol) + "\r\n";
    Wire& client = ask(get("/events", upgrade));
    respond("HTTP/1.1 101 Switching Protocols\r\n" + upgrade + "\r\n");
    world.upstream().stream.take_written();
    client.stream.take_written();
    return client;
  };
  const auto close = [&](Wire& side, const std::string& frame) {
    side.give(frame);
    world.settle();
  };
  std::size_t exchanges = 0;
  for (const bool by_upstream : {true, false}) {
    CAPTURE(by_upstream);
    Wire& client = open("websocket");
    close(client, from_client);
    CHECK(world.upstream().stream.written() == from_client);
    close(world.upstream(), from_upstream);
    CHECK(client.stream.written() == from_upstream);
    CHECK_FALSE(client.closed);
    Wire& breaking = by_upstream ? world.upstream() : client;
    breaking.stream.then(test::ScriptedStream::Status::failed);
    world.settle();
    CHECK(seen.cuts() == 0);
    CHECK(seen.exchange(++exchanges).whole);
    if (by_upstream) CHECK_FALSE(client.stream.breaks_on_close());  // it may not have read it yet
    client.end();
    world.settle();
    CHECK(client.closed);
  }

  // The bytes of another protocol mean nothing, nor does one Close alone.
  for (const bool one_alone : {true, false}) {
    CAPTURE(one_alone);
    const int before = seen.cuts();
    Wire& client = open(one_alone ? "websocket" : "chat");
    if (!one_alone) close(client, from_client);
    close(world.upstream(), from_upstream);
    world.upstream().stream.then(test::ScriptedStream::Status::failed);
    world.settle();
    CHECK(seen.cuts() == before + 1);
    CHECK_FALSE(seen.exchange(++exchanges).whole);
    CHECK(client.closed);
  }
}

TEST_CASE_FIXTURE(Fixture, "a Close that its receiver has not taken yet closes nothing") {
  Wire& client = ask(get("/events", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
  respond("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  world.upstream().stream.take_only(0);
  client.give(std::string("\x88\x80\x01\x02\x03\x04", 6));
  world.settle();
  world.upstream().give(std::string("\x88\x00", 2));
  world.upstream().stream.then(test::ScriptedStream::Status::failed);
  world.settle();
  CHECK(seen.cuts() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a tunnel in which nothing moves ends after idle-timeout, not later") {
  use([](relay::RouteOptions& route) { route.idle_timeout = 8s; });
  const std::string switched =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n";
  Wire& silent = ask(get("/ws", "Connection: Upgrade\r\nUpgrade: chat\r\n"));
  respond(switched);
  world.advance(8s - 1ns);
  CHECK_FALSE(silent.closed);
  world.advance(1ns);
  CHECK(silent.closed);
  CHECK(seen.cuts() == 1);

  Wire& talking = ask(get("/ws", "Connection: Upgrade\r\nUpgrade: chat\r\n"));
  respond(switched);
  for (int i = 0; i < 5; ++i) {
    world.advance(7s);
    (i % 2 == 0 ? talking : world.upstream()).give("still here");
    world.settle();
  }
  world.advance(8s - 1ns);
  CHECK_FALSE(talking.closed);
  world.advance(1ns);
  CHECK(talking.closed);
}
