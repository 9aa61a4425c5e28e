// Answers that ask for another try, and what a try costs: time by the owned clock.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>
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

/// So many idle connections to the upstream; the last one is the next to be used.
std::vector<RawSocket> park(Stage& stage, std::size_t count) {
  std::vector<RawSocket> clients, upstreams;
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(stage.client());
    clients.back().send(get());
    upstreams.push_back(stage.take_request());
  }
  for (std::size_t i = 0; i < count; ++i) {
    upstreams[i].send(answer("200 OK"));
    CHECK(read_message(clients[i]).status() == 200);
    stage.settle();
  }
  return upstreams;
}

/// The upstream has forgotten all its connections, and says so only to who uses one, or not even
/// then.
enum class Forgotten { reset, silent };

void meet(Stage& stage, RawSocket& stale, Forgotten how) {
  read_message(stale);
  if (how == Forgotten::reset) return stale.reset();
  stage.settle();
  stage.advance(2s);
}

void give_up_early(Stage::Settings& settings) {
  settings.route().response_timeout = 2s;
  settings.route().retry.backoff_base = 0s;
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

TEST_CASE("a kept-alive connection that died is replaced at once") {
  for (const bool reset : {false, true}) {
    Stage stage;
    RawSocket client = stage.client();
    client.send(get("/a"));
    RawSocket upstream = stage.take_request();
    upstream.send(answer("200 OK"));
    read_message(client);
    if (reset) {
      upstream.reset();
    } else {
      upstream.close();
    }
    client.send(post("not twice"));  // not idempotent: it must not meet the dead one
    RawSocket fresh = stage.upstream.accept();
    CHECK(read_message(fresh).body == "not twice");
    fresh.send(answer("200 OK"));
    CHECK(read_message(client).value("Bearer-Proxy-Attempts").empty());
  }
}

TEST_CASE(
    "a kept-alive connection that dies of the request: an idempotent one goes again at once") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get("/a"));
  RawSocket upstream = stage.take_request();
  upstream.send(answer("200 OK"));
  read_message(client);
  client.send(get("/b"));
  read_message(upstream);
  upstream.close();
  RawSocket fresh = stage.upstream.accept();  // and the clock has not moved
  CHECK(read_message(fresh).start_line == "GET /b HTTP/1.1");
  fresh.send(answer("200 OK"));
  CHECK(read_message(client).has("Bearer-Proxy-Attempts: 2"));
}

TEST_CASE("of several kept-alive connections that the upstream forgot, a GET meets one") {
  for (const Forgotten how : {Forgotten::reset, Forgotten::silent}) {
    Stage stage(give_up_early);
    std::vector<RawSocket> stale = park(stage, 4);
    RawSocket client = stage.client();
    client.send(get("/b"));
    meet(stage, stale.back(), how);
    RawSocket fresh = stage.upstream.accept();
    CHECK(read_message(fresh).start_line == "GET /b HTTP/1.1");
    fresh.send(answer("200 OK"));
    const RawMessage response = read_message(client);
    CHECK(response.status() == 200);
    CHECK(response.has("Bearer-Proxy-Attempts: 2"));
    for (std::size_t i = 0; i < 3; ++i) CHECK(stale[i].await_end() == RawSocket::End::closed);
  }
}

TEST_CASE("of several kept-alive connections that the upstream forgot, one POST meets one") {
  for (const Forgotten how : {Forgotten::reset, Forgotten::silent}) {
    Stage stage(give_up_early);
    std::vector<RawSocket> stale = park(stage, 4);
    RawSocket client = stage.client();
    client.send(post("first"));
    meet(stage, stale.back(), how);
    CHECK(read_message(client).status() == (how == Forgotten::reset ? 502 : 504));
    client.send(post("second"));
    RawSocket fresh = stage.upstream.accept();
    CHECK(read_message(fresh).body == "second");
    fresh.send(answer("200 OK"));
    CHECK(read_message(client).status() == 200);
  }
}

TEST_CASE("a kept-alive connection that the upstream forgot uses up no retry") {
  Stage stage([](Stage::Settings& settings) { settings.route().retry.max_retries = 0; });
  std::vector<RawSocket> stale = park(stage, 1);
  RawSocket client = stage.client();
  client.send(get());
  meet(stage, stale.back(), Forgotten::reset);
  RawSocket fresh = stage.take_request();
  fresh.close();  // this one is counted
  const RawMessage response = read_message(client);
  CHECK(response.status() == 502);
  CHECK(response.has("Bearer-Proxy-Attempts: 2"));
  CHECK(stage.seen.attempt(3).decision.because == relay::Reason::retries_used_up);
}

TEST_CASE("a connection that was answered on since another went silent is used") {
  Stage stage;
  std::vector<RawSocket> stale = park(stage, 1);
  RawSocket client = stage.client();
  client.send(get("/b"));
  read_message(stale.back());
  stage.advance(1s);
  std::vector<RawSocket> good = park(stage, 1);
  stale.back().reset();
  CHECK(read_message(good.back()).start_line == "GET /b HTTP/1.1");
  good.back().send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
}

TEST_CASE("a POST meets no connection whose server may be about to close it") {
  for (const bool in_time : {true, false}) {
    Stage stage;
    RawSocket client = stage.client();
    client.send(get());
    RawSocket upstream = stage.take_request();
    upstream.send(answer("200 OK", "", "Keep-Alive: timeout=5, max=100\r\n"));
    CHECK(read_message(client).value("Keep-Alive").empty());
    stage.settle();
    stage.advance(in_time ? 4s - 1ns : 4s);
    client.send(post("order"));
    RawSocket next = in_time ? std::move(upstream) : stage.upstream.accept();
    CHECK(read_message(next).body == "order");
    next.send(answer("200 OK"));
    CHECK(read_message(client).status() == 200);
  }
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

TEST_CASE("a body that could not be written to its temporary file is relayed, but not repeated") {
  const TemporaryDirectory directory;
  const ScopedEnvironment tmpdir("TMPDIR", directory.path("missing"));
  Stage stage([](Stage::Settings& settings) { settings.route().replay_memory_bytes_max = 10; });
  RawSocket client = stage.client();
  client.send(post("more than ten bytes"));
  RawSocket upstream = stage.upstream.accept();
  CHECK(read_message(upstream).body == "more than ten bytes");
  upstream.send(answer("503 Busy"));
  CHECK(read_message(client).status() == 503);
  CHECK(stage.seen.attempt(1).decision.because == relay::Reason::body_not_saved);
}
