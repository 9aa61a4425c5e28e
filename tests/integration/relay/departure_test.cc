// A client that goes away ends its attempt at once: no further try, and no connection left behind.
#include <doctest/doctest.h>

#include <string>

#include "tests/integration/relay/stage.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

void leave(RawSocket& client, bool reset) {
  if (reset) {
    client.reset();
  } else {
    client.close();
  }
}

/// The exchange has ended without an answer, and nothing more is sent to the upstream.
void check_over(Stage& stage) {
  CHECK_FALSE(stage.seen.exchange(1).whole);
  const std::size_t attempts = stage.seen.attempts();
  stage.settle();
  stage.advance(1h);
  CHECK(stage.upstream.quiet());
  CHECK(stage.seen.attempts() == attempts);
}

}  // namespace

TEST_CASE("a client leaves while its answer is awaited") {
  for (const bool reset : {false, true}) {
    Stage stage;
    RawSocket client = stage.client();
    client.send(get());
    RawSocket upstream = stage.take_request();
    leave(client, reset);
    upstream.await_end();
    check_over(stage);
  }
}

TEST_CASE("a client leaves in the same moment in which it asks") {
  Stage stage;
  RawSocket client = stage.client();
  stage.settle();
  stage.at_once([&] {
    client.send(get());
    client.close();
  });
  check_over(stage);
}

TEST_CASE("a client leaves in the same moment in which it asks what we answer ourselves") {
  Stage stage;
  RawSocket client = stage.client();
  stage.settle();
  stage.at_once([&] {
    client.send("TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client.reset();
  });
  CHECK_FALSE(stage.seen.exchange(1).whole);
}

TEST_CASE("a client leaves during a backoff") {
  for (const bool reset : {false, true}) {
    Stage stage;
    RawSocket client = stage.client();
    client.send(get());
    RawSocket upstream = stage.take_request();
    upstream.send(answer("503 Busy"));
    stage.seen.attempt(1);
    leave(client, reset);
    check_over(stage);
    CHECK(stage.seen.attempts() == 1);
  }
}

TEST_CASE("a client leaves during a pause of its route") {
  Stage stage;
  RawSocket first = stage.client();
  first.send(get());
  RawSocket upstream = stage.take_request();
  upstream.send(answer("429 Slow down", "", "Retry-After: 60\r\n"));
  stage.seen.attempt(1);
  RawSocket second = stage.client();
  second.send(get());
  stage.settle();
  second.close();
  first.close();
  stage.seen.exchange(2);
  check_over(stage);
}

TEST_CASE("a client leaves while it waits for a token") {
  Stage stage;
  stage.clock.advance(2h);
  stage.settle();
  RawSocket client = stage.client();
  client.send(get());
  stage.settle();
  client.close();
  CHECK(stage.seen.exchange(1).attempts == 0);
  check_over(stage);
}

TEST_CASE("a client leaves while its token is renewed") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  upstream.send(answer("401 Unauthorized"));
  stage.seen.attempt(1);
  client.close();
  stage.seen.exchange(1);
  upstream.await_end();
  stage.tokens.issue("two");
  check_over(stage);
}

TEST_CASE("a client leaves in the middle of its upload") {
  for (const bool reset : {false, true}) {
    Stage stage;
    RawSocket client = stage.client();
    client.send("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345");
    RawSocket upstream = stage.upstream.accept();
    read_head(upstream);
    CHECK(upstream.read_bytes(5) == "12345");
    leave(client, reset);
    upstream.await_end();
    check_over(stage);
  }
}

TEST_CASE("a client leaves in the middle of its download") {
  for (const bool reset : {false, true}) {
    for (const bool stalled : {false, true}) {
      Stage stage;
      constexpr std::size_t kBytes = 32u << 20;
      RawSocket client = stage.client(16 << 10);
      client.send(get());
      RawSocket upstream = stage.take_request();
      upstream.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kBytes) + "\r\n\r\n");
      upstream.send("some");
      client.read_until("some");
      if (stalled) stage.stuff(upstream, kBytes / 2);  // until nobody takes more
      leave(client, reset);
      upstream.await_end();
      check_over(stage);
    }
  }
}

TEST_CASE("a client leaves the queue for a place in flight, and the next one moves up") {
  Stage stage([](Stage::Settings& settings) { settings.route().in_flight_max = 1; });
  RawSocket first = stage.client();
  first.send(get("/1"));
  RawSocket upstream = stage.take_request();
  RawSocket second = stage.client();
  second.send(get("/2"));
  stage.settle();
  RawSocket third = stage.client();
  third.send(get("/3"));
  stage.settle();
  second.close();
  stage.seen.exchange(1);
  upstream.send(answer("200 OK"));
  CHECK(read_message(first).status() == 200);
  CHECK(read_message(upstream).start_line == "GET /3 HTTP/1.1");
  upstream.send(answer("200 OK"));
  CHECK(read_message(third).status() == 200);
}

TEST_CASE("a client that leaves in flight gives its place to the next") {
  Stage stage([](Stage::Settings& settings) { settings.route().in_flight_max = 1; });
  RawSocket first = stage.client();
  first.send(get("/1"));
  RawSocket upstream = stage.take_request();
  RawSocket second = stage.client();
  second.send(get("/2"));
  stage.settle();
  CHECK(stage.upstream.quiet());
  first.close();
  RawSocket fresh = stage.upstream.accept();
  CHECK(read_message(fresh).start_line == "GET /2 HTTP/1.1");
  fresh.send(answer("200 OK"));
  CHECK(read_message(second).status() == 200);
}

TEST_CASE("a client that ends its sending after a whole request gets its answer") {
  for (const char* request : {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
                              "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\na=b",
                              "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"}) {
    for (const bool early : {false, true}) {
      CAPTURE(request);
      Stage stage;
      RawSocket client = stage.client();
      client.send(request);
      if (early) client.half_close();
      RawSocket upstream = stage.take_request();
      if (!early) client.half_close();
      stage.settle();
      stage.advance(30s);
      upstream.send(answer("200 OK", "done"));
      CHECK(read_message(client).body == "done");
      CHECK(client.read_to_end().empty());
      CHECK(stage.seen.exchange(1).whole);
    }
  }
}

TEST_CASE("a client that ends its sending is waited for through a backoff") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get());
  client.half_close();
  {
    RawSocket upstream = stage.take_request();
    upstream.send(answer("503 Busy"));
    stage.seen.attempt(1);
    stage.settle();
    stage.advance(2s);
    read_message(upstream);
    upstream.send(answer("200 OK"));
  }
  CHECK(read_message(client).status() == 200);
}

TEST_CASE("requests that came before a client ended its sending are all answered") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get("/1") + get("/2"));
  client.half_close();
  RawSocket upstream = stage.take_request();
  upstream.send(answer("200 OK", "1"));
  CHECK(read_message(client).body == "1");
  read_message(upstream);
  upstream.send(answer("200 OK", "2"));
  CHECK(read_message(client).body == "2");
}

TEST_CASE("a client that ended its sending and then leaves is noticed within a second") {
  for (const char* request :
       {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    Stage stage;
    RawSocket client = stage.client();
    client.send(request);
    client.half_close();
    RawSocket upstream = stage.take_request();
    stage.settle();
    client.close();
    stage.advance(1s);
    upstream.await_end();
    check_over(stage);
  }
}

TEST_CASE("a client that asked for no further request and leaves is noticed at once") {
  for (const bool reset : {false, true}) {
    Stage stage;
    RawSocket client = stage.client();
    client.send("GET / HTTP/1.0\r\n\r\n");
    RawSocket upstream = stage.take_request();
    leave(client, reset);
    upstream.await_end();
    check_over(stage);
  }
}

TEST_CASE("a client that ends its sending in the middle of a body has left") {
  Stage stage;
  RawSocket client = stage.client();
  client.send("POST / HTTP/1.0\r\nContent-Length: 10\r\n\r\n12345");
  RawSocket upstream = stage.upstream.accept();
  read_head(upstream);
  client.half_close();
  upstream.await_end();
  check_over(stage);
}

TEST_CASE("pipelined bytes are no departure") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get("/1"));
  RawSocket upstream = stage.take_request();
  client.send(get("/2"));
  stage.settle();
  upstream.send(answer("200 OK"));
  read_message(upstream);
  upstream.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
  CHECK(read_message(client).status() == 200);
}
