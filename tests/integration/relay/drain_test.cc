// The end of a service: what is under way comes to its end, what idles is let go.
#include <doctest/doctest.h>

#include <future>
#include <optional>
#include <string>

#include "tests/integration/relay/stage.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

/// Drains on a thread of its own; the result tells whether nothing had to be cut.
std::future<bool> drain(Stage& stage) {
  return std::async(std::launch::async, [&stage] { return stage.service().drain(20s); });
}

}  // namespace

TEST_CASE("a drain lets idle clients go and finishes what is in flight") {
  Stage stage;
  RawSocket idle = stage.client();
  RawSocket busy = stage.client();
  busy.send(get("/slow"));
  RawSocket upstream = stage.upstream.accept();
  read_message(upstream);
  stage.settle();
  std::future<bool> drained = drain(stage);
  CHECK(idle.await_end() == RawSocket::End::closed);
  upstream.send(answer("200 OK", "done"));
  const RawMessage response = read_message(busy);
  CHECK(response.body == "done");
  CHECK(response.has("Connection: close"));
  busy.close();
  CHECK(drained.get());
}

TEST_CASE("a drain waits for a request that backs off, and answers it") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.upstream.accept();
  read_message(upstream);
  upstream.send(answer("503 Busy"));
  stage.seen.attempt(1);
  std::future<bool> drained = drain(stage);
  stage.settle();
  stage.advance(2s);
  read_message(upstream);
  upstream.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
  client.close();
  CHECK(drained.get());
}

TEST_CASE("a client that connected before the drain is served") {
  Stage stage;
  std::optional<RawSocket> client;
  stage.at_once([&] {
    client = stage.client();
    client->send(get());
    CHECK_FALSE(stage.service().drain(0s));  // begun, not waited for
  });
  RawSocket upstream = stage.upstream.accept();
  read_message(upstream);
  upstream.send(answer("200 OK"));
  CHECK(read_message(*client).has("Connection: close"));
  client->close();
  CHECK(stage.service().drain(20s));
}

TEST_CASE("a drain ends unclean when it is cut, and at the end of its patience") {
  for (const bool cut : {false, true}) {
    Stage stage;
    RawSocket client = stage.client();
    client.send(get());
    RawSocket upstream = stage.upstream.accept();
    read_message(upstream);
    if (cut) {
      std::future<bool> drained = drain(stage);
      stage.service().cut();
      CHECK_FALSE(drained.get());
    } else {
      CHECK_FALSE(stage.service().drain(1ms));
    }
  }
}

TEST_CASE("a service ends with requests in every state, and leaves nothing open") {
  std::optional<Stage> stage(std::in_place);
  RawSocket idle = stage->client();
  RawSocket waiting = stage->client();
  waiting.send(get("/waits"));
  RawSocket upstream = stage->upstream.accept();
  read_message(upstream);
  RawSocket backing_off = stage->client();
  backing_off.send(get("/backs-off"));
  RawSocket busy = stage->upstream.accept();
  read_message(busy);
  busy.send(answer("503 Busy"));
  stage->seen.attempt(1);
  stage.reset();
  idle.await_end();
  waiting.await_end();
  backing_off.await_end();
  upstream.await_end();
  busy.await_end();
}
