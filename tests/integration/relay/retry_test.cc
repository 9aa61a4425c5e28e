// Answers that ask for another try, and what a try costs: time by the owned clock.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/integration/relay/stage.h"
#include "tests/support/scoped_environment.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;
using relay::Action;
using relay::RetryUnsafe;

namespace {

/// After `nth` attempt: nothing is sent before the delay that was decided has passed, then it is.
base::Duration pass_backoff(Stage& stage, RawSocket& upstream, std::size_t nth) {
  const Observations::Attempt ended = stage.seen.attempt(nth);
  REQUIRE(ended.decision.action == Action::back_off);
  stage.settle();
  stage.advance(ended.decision.delay - 1ns);
  CHECK(upstream.quiet());
  CHECK(stage.upstream.quiet());
  stage.advance(1ns);
  return ended.decision.delay;
}

}  // namespace

TEST_CASE("a 429 and a 5xx are retried with a delay that doubles, and the client sees one answer") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get("/x?y=1"));
  RawSocket upstream = stage.upstream.accept();
  const char* refusals[] = {"429 Too Many Requests", "500 Internal Server Error", "503 Busy"};
  std::size_t n = 0;
  for (const char* refusal : refusals) {
    CHECK(read_message(upstream).start_line == "GET /x?y=1 HTTP/1.1");
    upstream.send(answer(refusal, "later"));
    const base::Duration least = 1s * (1 << n);
    const base::Duration delay = pass_backoff(stage, upstream, ++n);
    CHECK(delay >= least);
    CHECK(delay <= least * 3 / 2);
  }
  read_message(upstream);
  upstream.send(answer("200 OK", "now"));
  const RawMessage response = read_message(client);
  CHECK(response.status() == 200);
  CHECK(response.body == "now");
  CHECK(response.has("Bearer-Proxy-Attempts: 4"));
}

TEST_CASE("a POST whose order may be carried out already is not sent again by default") {
  for (const char* status :
       {"500 Internal Server Error", "502 Bad Gateway", "504 Gateway Timeout"}) {
    CAPTURE(status);
    Stage stage;
    RawSocket client = stage.client();
    client.send("POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi");
    RawSocket upstream = stage.take_request();
    upstream.send(answer(status, "mine"));
    const RawMessage response = read_message(client);
    CHECK(response.body == "mine");
    CHECK(response.value("Bearer-Proxy-Attempts").empty());
  }
}

TEST_CASE("a 500 that stays is relayed after three retries") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  for (std::size_t n = 1; n <= 3; ++n) {
    upstream.send(answer("500 Internal Server Error"));
    pass_backoff(stage, upstream, n);
    read_message(upstream);
  }
  upstream.send(answer("500 Internal Server Error", "last"));
  const RawMessage response = read_message(client);
  CHECK(response.body == "last");
  CHECK(response.has("Bearer-Proxy-Attempts: 4"));
}

TEST_CASE("when the retries are used up, the last answer is relayed untouched") {
  Stage stage([](Stage::Settings& settings) { settings.route().retry.max_retries = 1; });
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  upstream.send(answer("503 First", "1"));
  pass_backoff(stage, upstream, 1);
  read_message(upstream);
  upstream.send(answer("503 Second", "2", "X-Mine: yes\r\nRetry-After: 7\r\n"));
  const RawMessage response = read_message(client);
  CHECK(response.start_line == "HTTP/1.1 503 Second");
  CHECK(response.body == "2");
  CHECK(response.has("X-Mine: yes"));
  CHECK(response.has("Retry-After: 7"));
  CHECK(response.value("Proxy-Status").empty());
}

TEST_CASE("a Retry-After is never undercut") {
  for (const char* field : {"Retry-After: 20\r\n",
                            "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
                            "Retry-After: Thu, 01 Jan 2026 00:00:20 GMT\r\n"}) {
    for (const char* status : {"429 Slow down", "503 Busy"}) {
      Stage stage;
      RawSocket client = stage.client();
      client.send(get());
      RawSocket upstream = stage.take_request();
      upstream.send(answer(status, "", field));
      CHECK(pass_backoff(stage, upstream, 1) >= 20s);
      read_message(upstream);
      upstream.send(answer("200 OK"));
      CHECK(read_message(client).status() == 200);
    }
  }
}

TEST_CASE("a wait that would end past the window is not begun") {
  for (const bool preferred : {false, true}) {
    Stage stage([&](Stage::Settings& settings) {
      if (!preferred) settings.route().retry.window = 5s;
    });
    RawSocket client = stage.client();
    client.send(get("/", preferred ? "Prefer: wait=5\r\n" : ""));
    RawSocket upstream = stage.take_request();
    upstream.send(answer("429 Slow down", "mine", "Retry-After: 6\r\n"));
    const RawMessage response = read_message(client);
    CHECK(response.status() == 429);
    CHECK(response.body == "mine");
  }
}

TEST_CASE("a pause holds the route's other requests, spread out, or tells them when to come") {
  Stage stage;
  RawSocket first = stage.client();
  first.send(get("/first"));
  RawSocket upstream = stage.take_request();
  upstream.send(answer("429 Slow down", "", "Retry-After: 10\r\n"));
  stage.seen.attempt(1);

  RawSocket patient = stage.client();
  patient.send(get("/patient"));
  stage.settle();
  CHECK(upstream.quiet());
  // This one cannot wait so long: it is told when to come back.
  RawSocket hasty = stage.client();
  hasty.send(get("/hasty", "Prefer: wait=5\r\n"));
  const RawMessage reply = read_message(hasty);
  CHECK(reply.status() == 429);
  CHECK(reply.has("Retry-After: 10"));

  stage.advance(10s - 1ns);
  CHECK(upstream.quiet());
  CHECK(stage.upstream.quiet());
  stage.advance(5s + 1ns);  // half of the pause's length: by now all have gone
  RawSocket other = stage.upstream.accept();
  read_message(upstream);
  read_message(other);
  upstream.send(answer("200 OK"));
  other.send(answer("200 OK"));
  CHECK(read_message(first).status() == 200);
  CHECK(read_message(patient).status() == 200);
}

TEST_CASE("POST is retried by its rule") {
  struct Case {
    RetryUnsafe rule;
    bool key;   // with an Idempotency-Key
    bool lost;  // the connection, instead of a 503
    bool retried;
  };
  const Case cases[] = {
      {RetryUnsafe::never, false, false, false},  {RetryUnsafe::never, false, true, false},
      {RetryUnsafe::never, true, false, true},    {RetryUnsafe::never, true, true, true},
      {RetryUnsafe::refused, false, false, true}, {RetryUnsafe::refused, false, true, false},
      {RetryUnsafe::refused, true, true, true},   {RetryUnsafe::status, false, false, true},
      {RetryUnsafe::status, false, true, false},  {RetryUnsafe::status, true, true, true},
      {RetryUnsafe::always, false, false, true},  {RetryUnsafe::always, false, true, true},
  };
  for (const Case& c : cases) {
    CAPTURE(static_cast<int>(c.rule));
    CAPTURE(c.key);
    CAPTURE(c.lost);
    Stage stage([&](Stage::Settings& settings) {
      settings.route().retry.unsafe = c.rule;
      settings.route().retry.backoff_base = 0s;
    });
    RawSocket client = stage.client();
    client.send(post("order", c.key ? "Idempotency-Key: \"k\"\r\n" : ""));
    RawSocket upstream = stage.take_request();
    if (c.lost) {
      upstream.close();
    } else {
      upstream.send(answer("503 Busy"));
    }
    if (c.retried) {
      if (c.lost) upstream = stage.upstream.accept();
      CHECK(read_message(upstream).body == "order");
      upstream.send(answer("200 OK"));
    }
    const RawMessage response = read_message(client);
    CHECK(response.status() == (c.retried ? 200 : c.lost ? 502 : 503));
    const bool ours = !response.value("Proxy-Status").empty();
    CHECK(ours == (c.lost && !c.retried));
  }
}

TEST_CASE("nothing was sent when connecting was refused: a POST is tried again too") {
  Stage stage([](Stage::Settings& settings) {
    settings.route().retry.max_retries = 2;
    settings.route().retry.backoff_base = 0s;
  });
  stage.upstream.close();
  RawSocket client = stage.client();
  const RawMessage response = ask(client, post("order"));
  CHECK(response.status() == 502);
  CHECK(response.value("Proxy-Status").starts_with("bearer-proxy; error=connection_refused"));
  CHECK(stage.seen.attempts() == 3);
}

TEST_CASE("a body too large to be kept is streamed once, and the answer relayed as it is") {
  Stage stage([](Stage::Settings& settings) { settings.route().replay_bytes_max = 1000; });
  for (const std::string& request :
       {post(std::string(1001, 'x')), post_chunked(std::string(1001, 'x'))}) {
    RawSocket client = stage.client();
    client.send(request);
    RawSocket upstream = stage.upstream.accept();
    CHECK(read_message(upstream).body.size() == 1001);
    upstream.send(answer("503 Busy", "", "Connection: close\r\n"));
    CHECK(read_message(client).status() == 503);
  }
  CHECK(stage.seen.attempt(2).decision.because == relay::Reason::body_not_kept);
}

TEST_CASE(
    "a body that could not be written to its temporary file stays in memory, and is repeated") {
  const TemporaryDirectory directory;
  const ScopedEnvironment tmpdir("TMPDIR", directory.path("missing"));
  Stage stage([](Stage::Settings& settings) { settings.route().replay_memory_bytes_max = 10; });
  RawSocket client = stage.client();
  client.send(post("more than ten bytes"));
  RawSocket upstream = stage.upstream.accept();
  CHECK(read_message(upstream).body == "more than ten bytes");
  upstream.send(answer("503 Busy", "", "Retry-After: 1\r\n"));
  stage.seen.attempt(1);
  stage.settle();
  stage.advance(2s);
  CHECK(read_message(upstream).body == "more than ten bytes");
  upstream.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
}
