// Connections that were kept, and that the upstream has closed or forgotten since.
#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include "tests/integration/relay/stage.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

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
