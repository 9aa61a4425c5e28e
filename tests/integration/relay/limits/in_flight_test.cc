// --max-in-flight: so many requests at the upstream at once, the others in order of arrival.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/integration/relay/stage.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

/// One permit, which the first client has; the second one queues for it.
struct Queue {
  explicit Queue(int max_retries = 3)
      : stage([max_retries](Stage::Settings& settings) {
          settings.route().in_flight_max = 1;
          settings.route().retry.max_retries = max_retries;
        }) {
    first.send(get("/1"));
    upstream.emplace(stage.take_request());
    second.send(get("/2"));
    stage.settle();
  }
  /// Wants the second one's request at the upstream, and answers it.
  void serve_second(const char* token) {
    const RawMessage request = read_message(*upstream);
    CHECK(request.start_line == "GET /2 HTTP/1.1");
    CHECK(request.has(std::string("Authorization: Bearer ") + token));
    upstream->send(answer("200 OK"));
    CHECK(read_message(second).status() == 200);
  }

  Stage stage;
  RawSocket first = stage.client();
  RawSocket second = stage.client();
  std::optional<RawSocket> upstream;
};

}  // namespace

TEST_CASE("requests past the limit go in order of arrival, each when a permit is free") {
  Stage stage([](Stage::Settings& settings) { settings.route().in_flight_max = 1; });
  std::vector<RawSocket> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(stage.client());
    clients.back().send(get("/" + std::to_string(i)));
    stage.settle();
  }
  RawSocket upstream = stage.upstream.accept();
  for (int i = 0; i < 5; ++i) {
    CHECK(read_message(upstream).start_line == "GET /" + std::to_string(i) + " HTTP/1.1");
    stage.settle();
    CHECK(upstream.quiet());
    CHECK(stage.upstream.quiet());
    upstream.send(answer("200 OK", std::to_string(i)));
  }
  for (std::size_t i = 0; i < 5; ++i) CHECK(read_message(clients[i]).body == std::to_string(i));
}

TEST_CASE("loops share one limit, and a permit that one gives back goes to the other's client") {
  Stage stage([](Stage::Settings& settings) {
    settings.route().in_flight_max = 1;
    settings.service.threads = 2;
  });
  constexpr std::size_t kEach = 10;
  const std::string once = answer("200 OK", "", "Connection: close\r\n");
  std::vector<RawSocket> clients;
  const auto add_clients = [&] {
    for (std::size_t i = 0; i < kEach; ++i) {
      clients.push_back(stage.client());
      clients.back().send(get());
    }
  };
  std::vector<RawSocket> upstream;
  stage.at_once([&] {  // one loop stands still, so that these are the other's
    add_clients();
    upstream.push_back(stage.take_request());
  });
  add_clients();
  for (std::size_t served = 1;; ++served) {
    stage.settle();
    CHECK(stage.upstream.quiet());
    upstream.back().send(once);
    if (served == clients.size()) break;
    upstream.push_back(stage.take_request());
  }
  for (RawSocket& client : clients) CHECK(read_message(client).status() == 200);
}

TEST_CASE("a permit is free while its request backs off") {
  Queue queue;
  queue.upstream->send(answer("500 Oops"));
  queue.serve_second("one");
  queue.stage.settle();
  queue.stage.advance(2s);
  CHECK(read_message(*queue.upstream).start_line == "GET /1 HTTP/1.1");
  queue.upstream->send(answer("200 OK"));
  CHECK(read_message(queue.first).status() == 200);
}

TEST_CASE("who queued goes with the token of the moment, not with that of his arrival") {
  Queue queue;
  queue.stage.tokens.issue("two");
  queue.stage.settle();
  queue.upstream->send(answer("200 OK"));
  queue.serve_second("two");
}

TEST_CASE("a pause that begins holds those who queue for a permit, too") {
  Queue queue(0);
  Stage& stage = queue.stage;
  queue.upstream->send(answer("429 Too Many Requests", "", "Retry-After: 10\r\n"));
  CHECK(read_message(queue.first).status() == 429);
  stage.settle();
  stage.advance(1s);
  CHECK(queue.upstream->quiet());
  // A client that cannot wait for its end is told when to come back, and takes no permit.
  RawSocket hasty = stage.client();
  hasty.send(get("/hasty", "Prefer: wait=5\r\n"));
  const RawMessage reply = read_message(hasty);
  CHECK(reply.status() == 429);
  CHECK(reply.has("Retry-After: 9"));
  stage.settle();
  stage.advance(9s - 1ns);
  CHECK(queue.upstream->quiet());
  stage.advance(10s);
  queue.serve_second("one");
}

TEST_CASE("a replay goes at once, ahead of those who queue") {
  Queue queue;
  queue.stage.tokens.issue_when_rejected({"two"});
  queue.upstream->send(answer("401 Unauthorized"));
  CHECK(read_message(*queue.upstream).start_line == "GET /1 HTTP/1.1");
  queue.upstream->send(answer("200 OK"));
  CHECK(read_message(queue.first).status() == 200);
  queue.serve_second("two");
}

TEST_CASE("whose window ends in the queue gets a 503") {
  Stage stage([](Stage::Settings& settings) { settings.route().in_flight_max = 1; });
  RawSocket first = stage.client();
  first.send(get());
  RawSocket upstream = stage.take_request();
  RawSocket second = stage.client();
  second.send(get("/", "Prefer: wait=5\r\n"));
  stage.settle();
  stage.advance(5s - 1ns);
  CHECK(second.quiet());
  stage.advance(1ns);
  const RawMessage response = read_message(second);
  CHECK(response.status() == 503);
  CHECK(response.value("Proxy-Status").starts_with("bearer-proxy; error=connection_limit_reached"));
  upstream.send(answer("200 OK"));
  CHECK(read_message(first).status() == 200);
  // And the permit that it never had is not lost.
  second.send(get("/again"));
  CHECK(read_message(upstream).start_line == "GET /again HTTP/1.1");
}
