// What becomes of an exchange after a 101.
#include <doctest/doctest.h>

#include "tests/support/observations.h"
#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"
#include "tests/unit/relay/exchange_fixture.h"

using namespace bearer;
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
