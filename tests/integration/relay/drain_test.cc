// The end of a service: what is under way comes to its end, what idles is let go.
#include <doctest/doctest.h>

#include <future>
#include <optional>
#include <string>

#include "tests/integration/relay/stage.h"
#include "tests/support/eventually.h"
#include "tests/support/patience.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;
using Drained = relay::Service::Drained;

namespace {

/// Drains on a thread of its own. When it returns, that has begun: who idled was let go.
std::future<Drained> drain(Stage& stage) {
  RawSocket idle = stage.client();
  stage.settle();
  auto drained =
      std::async(std::launch::async, [&stage] { return stage.service().drain(kPatience); });
  CHECK(idle.await_end() == RawSocket::End::closed);
  return drained;
}

}  // namespace

TEST_CASE("a drain lets idle clients go and finishes what is in flight") {
  Stage stage;
  RawSocket idle = stage.client();
  RawSocket busy = stage.client();
  busy.send(get("/slow"));
  RawSocket upstream = stage.take_request();
  std::future<Drained> drained = drain(stage);
  CHECK(idle.await_end() == RawSocket::End::closed);
  upstream.send(answer("200 OK", "done"));
  const RawMessage response = read_message(busy);
  CHECK(response.body == "done");
  CHECK(response.has("Connection: close"));
  busy.close();
  CHECK(drained.get() == Drained::wholly);
}

TEST_CASE("a drain waits for a request that backs off, and answers it") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  upstream.send(answer("503 Busy"));
  stage.seen.attempt(1);
  std::future<Drained> drained = drain(stage);
  stage.advance(2s);
  read_message(upstream);
  upstream.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
  client.close();
  CHECK(drained.get() == Drained::wholly);
}

TEST_CASE("a client that connected before the drain is served") {
  Stage stage;
  std::optional<RawSocket> client;
  stage.at_once([&] {
    client = stage.client();
    client->send(get());
    CHECK(stage.service().drain(0s) == Drained::late);  // begun, not waited for
  });
  RawSocket upstream = stage.take_request();
  upstream.send(answer("200 OK"));
  CHECK(read_message(*client).has("Connection: close"));
  client->close();
  CHECK(stage.service().drain(kPatience) == Drained::wholly);
}

TEST_CASE("a drain ends unclean when it is cut, and at the end of its patience") {
  for (const bool cut : {false, true}) {
    Stage stage;
    RawSocket client = stage.client();
    client.send(get());
    RawSocket upstream = stage.take_request();
    if (cut) {
      std::future<Drained> drained = drain(stage);
      stage.service().cut();
      CHECK(drained.get() == Drained::cut);
    } else {
      CHECK(stage.service().drain(1ms) == Drained::late);
    }
  }
}

TEST_CASE("what a service cuts at its end does not look whole, were it only ended by a close") {
  for (const bool tunnel : {false, true}) {
    CAPTURE(tunnel);
    const std::string upgrade = "Connection: Upgrade\r\nUpgrade: echo\r\n";
    std::optional<Stage> stage(std::in_place);
    RawSocket client = stage->client();
    client.send(tunnel ? get("/", upgrade) : "GET / HTTP/1.0\r\n\r\n");
    RawSocket upstream = stage->take_request();
    upstream.send((tunnel ? "HTTP/1.1 101 Switching Protocols\r\n" + upgrade + "\r\n"
                          : "HTTP/1.1 200 OK\r\n\r\n") +
                  "half");
    client.read_until("half");
    stage.reset();
    CHECK(client.await_end() == RawSocket::End::reset);
    if (tunnel) CHECK(upstream.await_end() == RawSocket::End::reset);
  }
}

TEST_CASE("a drain that is cut is clean where nobody waits for an answer") {
  Stage stage;
  RawSocket idle = stage.client();
  RawSocket begun = stage.client();
  begun.send("GET / HT");
  RawSocket refused = stage.client();
  refused.send("GET / HTTP/9.9\r\n\r\n");
  read_message(refused);  // and it does not hang up
  stage.settle();
  stage.service().cut();
  // A loop that is not given the processor for a second counts as one with requests in flight.
  CHECK(eventually([&] { return stage.service().drain(kPatience) == Drained::wholly; }));
}

TEST_CASE("a head that is not whole when a drain begins has a second, not ten") {
  Stage stage;
  RawSocket slow = stage.client();
  slow.send("GET / HT");
  RawSocket quick = stage.client();
  quick.send("GET / HTTP/1.1\r\n");
  std::future<Drained> drained = drain(stage);
  quick.send("Host: localhost\r\n\r\n");
  RawSocket upstream = stage.take_request();
  upstream.send(answer("200 OK"));
  CHECK(read_message(quick).status() == 200);
  quick.close();
  stage.advance(1s - 1ns);
  CHECK(slow.quiet());
  stage.advance(1ns);
  slow.await_end();
  CHECK(drained.get() == Drained::wholly);
}

TEST_CASE("a service ends with requests in every state, and leaves nothing open") {
  std::optional<Stage> stage(std::in_place);
  RawSocket idle = stage->client();
  RawSocket waiting = stage->client();
  waiting.send(get("/waits"));
  RawSocket upstream = stage->take_request();
  RawSocket backing_off = stage->client();
  backing_off.send(get("/backs-off"));
  RawSocket busy = stage->take_request();
  busy.send(answer("503 Busy"));
  stage->seen.attempt(1);
  stage.reset();
  idle.await_end();
  waiting.await_end();
  backing_off.await_end();
  upstream.await_end();
  busy.await_end();
}
