// Requests that wait so as not to meet a 429: time by the owned clock.
#include <doctest/doctest.h>

#include <string>

#include "tests/integration/relay/stage.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

/// An answer that leaves so many of 100 requests for so many seconds.
std::string leaving(int requests, int seconds, std::string_view status = "200 OK") {
  return answer(status, "",
                "RateLimit: \"default\";r=" + std::to_string(requests) + ";t=" +
                    std::to_string(seconds) + "\r\nRateLimit-Policy: \"default\";q=100\r\n");
}

/// The upstream's side of the connection on which the first request was answered so.
RawSocket told(Stage& stage, RawSocket& client, const std::string& response) {
  client.send(get("/?first"));
  RawSocket upstream = stage.take_request();
  upstream.send(response);
  read_message(client);
  return upstream;
}

/// Sends, and waits until the proxy has it.
RawSocket ask_next(Stage& stage, std::string_view target, std::string_view more = {}) {
  RawSocket client = stage.client();
  client.send(get(target, more));
  stage.settle();
  return client;
}

/// The next request comes now, and is answered.
void serve(RawSocket& upstream, const std::string& target, const std::string& response) {
  CHECK(read_message(upstream).start_line == "GET " + target + " HTTP/1.1");
  upstream.send(response);
}

}  // namespace

TEST_CASE("a quota that is used up holds requests until its reset, and the first comes first") {
  Stage stage;
  RawSocket client = stage.client();
  RawSocket upstream = told(stage, client, leaving(0, 3));
  RawSocket one = ask_next(stage, "/?one");
  RawSocket two = ask_next(stage, "/?two");
  stage.advance(4s - 1ns);
  CHECK(upstream.quiet());
  CHECK(stage.upstream.quiet());

  stage.advance(1ns);
  serve(upstream, "/?one", leaving(99, 60));
  CHECK(read_message(one).status() == 200);
  // The answer tells of a new window: the next one need not wait.
  serve(upstream, "/?two", leaving(98, 60));
  CHECK(read_message(two).status() == 200);
  CHECK(stage.seen.exchange(2).waited == 4s);
}

TEST_CASE("nobody overtakes, not even one who comes when the first may go") {
  Stage stage;
  RawSocket late = stage.client();
  RawSocket upstream = told(stage, late, leaving(0, 3));
  RawSocket early = ask_next(stage, "/?early");
  stage.at_once([&] {
    stage.clock.advance(4s);
    late.send(get("/?late"));
  });
  serve(upstream, "/?early", leaving(99, 60));
  serve(upstream, "/?late", leaving(98, 60));
}

TEST_CASE("nobody overtakes when an answer lets all of them go") {
  Stage stage;
  RawSocket late = stage.client();
  RawSocket upstream = told(stage, late, leaving(0, 3));
  RawSocket early = ask_next(stage, "/?early");
  RawSocket other = ask_next(stage, "/?other", "Prefer: wait=1\r\n");
  read_message(upstream);
  stage.at_once([&] {
    upstream.send(leaving(90, 60));
    late.send(get("/?late"));
  });
  CHECK(read_message(upstream).start_line == "GET /?early HTTP/1.1");
  RawSocket second = stage.upstream.accept();
  CHECK(read_message(second).start_line == "GET /?late HTTP/1.1");
}

TEST_CASE("a 429 that alone tells of a quota holds requests to its reset, and no longer") {
  Stage stage;
  RawSocket client = stage.client();
  RawSocket upstream = told(stage, client, leaving(0, 3));
  RawSocket one = ask_next(stage, "/?one");
  stage.advance(4s);
  serve(upstream, "/?one", answer("200 OK"));
  CHECK(read_message(one).status() == 200);
  client.send(get("/?two"));
  serve(upstream, "/?two", answer("200 OK"));
}

TEST_CASE("what is left of a low quota is spread where its reset is beyond every window") {
  Stage stage([](Stage::Settings& settings) { settings.route().retry.window = 5s; });
  RawSocket client = stage.client();
  RawSocket upstream = told(stage, client, leaving(2, 8));
  for (const int left : {1, 0}) {
    RawSocket next = ask_next(stage, "/?next");
    stage.advance(3s - 1ns);
    CHECK(upstream.quiet());
    stage.advance(1ns);
    serve(upstream, "/?next", leaving(left, 3 * left + 2));
    CHECK(read_message(next).status() == 200);
  }
}

TEST_CASE("a burst within a quota is not slowed, to its last request") {
  Stage stage;
  RawSocket client = stage.client();
  RawSocket upstream = told(stage, client, leaving(60, 50));
  for (int left = 59; left >= 0; --left) {
    client.send(get("/?first"));
    serve(upstream, "/?first", leaving(left, 50));
    CHECK(read_message(client).status() == 200);
  }
}

TEST_CASE("a quota holds the kinds of request that were told of it, and no other") {
  Stage stage;
  RawSocket client = stage.client();
  RawSocket upstream = told(stage, client, leaving(0, 3));
  RawSocket same = ask_next(stage, "/?same");
  for (const char* target : {"/core", "/core"}) {
    client.send(get(target));
    serve(upstream, target,
          answer("200 OK", "",
                 "X-RateLimit-Resource: core\r\nX-RateLimit-Limit: 5000\r\n"
                 "X-RateLimit-Remaining: 4999\r\nX-RateLimit-Reset: 60\r\n"));
    CHECK(read_message(client).status() == 200);
  }
  stage.advance(4s - 1ns);
  CHECK(upstream.quiet());
  stage.advance(1ns);
  serve(upstream, "/?same", answer("200 OK"));
  CHECK(read_message(same).status() == 200);
}

TEST_CASE("a turn that comes after the window of a request is not waited for") {
  Stage stage;
  RawSocket client = stage.client();
  RawSocket upstream = told(stage, client, leaving(0, 9));
  RawSocket hasty = ask_next(stage, "/?hasty", "Prefer: wait=9\r\n");
  serve(upstream, "/?hasty", answer("200 OK"));
  CHECK(read_message(hasty).status() == 200);
}

TEST_CASE("a turn that moves past the window of a request is waited for to the window's end") {
  Stage stage;
  RawSocket client = stage.client();
  RawSocket upstream = told(stage, client, leaving(0, 3));
  RawSocket hasty = ask_next(stage, "/?hasty", "Prefer: wait=5\r\n");
  RawSocket patient = ask_next(stage, "/?patient");
  // One that goes at once hears of a later reset.
  RawSocket other = ask_next(stage, "/?other", "Prefer: wait=1\r\n");
  serve(upstream, "/?other", leaving(0, 30));
  read_message(other);
  stage.advance(5s - 1ns);
  CHECK(upstream.quiet());
  stage.advance(1ns);
  serve(upstream, "/?hasty", answer("200 OK"));
  CHECK(read_message(hasty).status() == 200);
  stage.advance(26s - 1ns);
  CHECK(upstream.quiet());
  stage.advance(1s);
  serve(upstream, "/?patient", answer("200 OK"));
}

TEST_CASE("a client that leaves the queue lets the next one in") {
  Stage stage;
  RawSocket client = stage.client();
  RawSocket upstream = told(stage, client, leaving(0, 3));
  RawSocket leaving_client = ask_next(stage, "/?leaving");
  RawSocket staying = ask_next(stage, "/?staying");
  leaving_client.reset();
  CHECK(stage.seen.exchange(2).status == 0);
  stage.advance(4s);
  serve(upstream, "/?staying", answer("200 OK"));
  CHECK(read_message(staying).status() == 200);
}

TEST_CASE("a pause that begins meanwhile is kept, and the turn given back") {
  Stage stage;
  RawSocket client = stage.client();
  RawSocket upstream = told(stage, client, leaving(0, 3));
  RawSocket waiting = ask_next(stage, "/?waiting");
  RawSocket other = ask_next(stage, "/?other", "Prefer: wait=1\r\n");
  serve(upstream, "/?other", answer("503 Busy", "", "Retry-After: 10\r\n"));
  CHECK(read_message(other).status() == 503);
  stage.advance(10s - 1ns);
  CHECK(upstream.quiet());
  stage.advance(5s + 1ns);
  serve(upstream, "/?waiting", answer("200 OK"));
  CHECK(read_message(waiting).status() == 200);
}

TEST_CASE("a retry waits for its turn like any other request") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get("/?again"));
  RawSocket upstream = stage.upstream.accept();
  serve(upstream, "/?again", answer("503 Busy"));
  stage.seen.attempt(1);
  stage.settle();
  RawSocket other = ask_next(stage, "/?other");
  serve(upstream, "/?other", leaving(0, 19));
  CHECK(read_message(other).status() == 200);
  stage.advance(20s - 1ns);
  CHECK(upstream.quiet());
  stage.advance(1ns);
  serve(upstream, "/?again", answer("200 OK"));
  CHECK(read_message(client).status() == 200);
}

TEST_CASE("a rate spaces requests of which no answer tells anything") {
  Stage stage([](Stage::Settings& settings) { settings.route().pacing.ceiling = {1, 10s}; });
  RawSocket client = stage.client();
  RawSocket upstream = told(stage, client, answer("200 OK"));
  RawSocket next = ask_next(stage, "/?next");
  stage.advance(10s - 1ns);
  CHECK(upstream.quiet());
  stage.advance(1ns);
  serve(upstream, "/?next", answer("200 OK"));
  CHECK(read_message(next).status() == 200);
}

TEST_CASE("a rate that has no turn within the window is told by a 429 of ours, and never passed") {
  Stage stage([](Stage::Settings& settings) { settings.route().pacing.ceiling = {1, 10s}; });
  RawSocket client = stage.client();
  RawSocket upstream = told(stage, client, answer("200 OK"));
  client.send(get("/?next", "Prefer: wait=9\r\n"));
  const RawMessage refused = read_message(client);
  CHECK(refused.status() == 429);
  CHECK(refused.value("Proxy-Status").starts_with("bearer-proxy; error=destination_unavailable;"));
  CHECK(refused.value("Retry-After") == "10");
  CHECK(upstream.quiet());
  // A request that waits already comes first.
  RawSocket waiting = ask_next(stage, "/?waiting");
  RawSocket second = stage.client();
  second.send(get("/next", "Prefer: wait=19\r\n"));
  CHECK(read_message(second).status() == 429);
  stage.advance(10s);
  serve(upstream, "/?waiting", answer("200 OK"));
  CHECK(read_message(waiting).status() == 200);
}

TEST_CASE("with pacing off neither quota nor rate holds anybody") {
  Stage stage([](Stage::Settings& settings) {
    settings.route().pacing = {.on = false, .ceiling = {1, 10s}};
  });
  RawSocket client = stage.client();
  RawSocket upstream = told(stage, client, leaving(0, 30));
  client.send(get("/?next"));
  serve(upstream, "/?next", answer("200 OK"));
  CHECK(read_message(client).status() == 200);
}

TEST_CASE("two quotas that disagree hold requests as the stricter one says, and no longer") {
  Stage stage;
  RawSocket client = stage.client();
  RawSocket upstream =
      told(stage, client,
           answer("200 OK", "",
                  "X-RateLimit-Limit: 100\r\nX-RateLimit-Remaining: 90\r\nX-RateLimit-Reset: 60\r\n"
                  "inin-ratelimit-count: 100\r\ninin-ratelimit-allowed: 100\r\n"
                  "inin-ratelimit-reset: 3\r\n"));
  RawSocket next = ask_next(stage, "/?next");
  CHECK(upstream.quiet());
  stage.advance(4s);
  serve(upstream, "/?next", answer("200 OK"));
  CHECK(read_message(next).status() == 200);
}

TEST_CASE("quotas that lie hold nobody") {
  const char* lies[] = {
      "X-RateLimit-Limit: 0\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 30\r\n",
      "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1000000001\r\n",
      "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 33000000000\r\n",
      "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: never\r\n",
      "inin-ratelimit-count: x\r\ninin-ratelimit-allowed: 1\r\ninin-ratelimit-reset: 9\r\n",
  };
  for (const char* lie : lies) {
    CAPTURE(lie);
    Stage stage;
    RawSocket client = stage.client();
    RawSocket upstream = told(stage, client, answer("200 OK", "", lie));
    client.send(get("/?next"));
    serve(upstream, "/?next", answer("200 OK"));
    CHECK(read_message(client).status() == 200);
  }
}
