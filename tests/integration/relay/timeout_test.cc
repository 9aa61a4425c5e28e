// Each side may stand still for so long, by the owned clock.
#include <doctest/doctest.h>

#include <string>

#include "tests/integration/relay/stage.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

/// Nothing happens until one nanosecond before `limit`; then it is reached.
void reach(Stage& stage, RawSocket& client, base::Duration limit) {
  stage.settle();
  stage.advance(limit - 1ns);
  CHECK(client.quiet());
  stage.advance(1ns);
}

void no_retries(Stage::Settings& settings) {
  settings.route().retry.max_retries = 0;
}

bool says(const RawMessage& response, const char* error) {
  return response.value("Proxy-Status").starts_with("bearer-proxy; error=" + std::string(error));
}

}  // namespace

TEST_CASE("an upstream that does not answer is a 504 after response-timeout") {
  Stage stage(no_retries);
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  reach(stage, client, 60s);
  const RawMessage response = read_message(client);
  CHECK(response.status() == 504);
  CHECK(says(response, "http_response_timeout"));
  upstream.await_end();
}

TEST_CASE("response-timeout counts from the request's last byte") {
  Stage stage(no_retries);
  RawSocket client = stage.client();
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\na");
  RawSocket upstream = stage.upstream.accept();
  read_head(upstream);
  upstream.read_bytes(1);
  stage.settle();
  stage.advance(50s);
  client.send("b");
  upstream.read_bytes(1);
  reach(stage, client, 60s);
  CHECK(read_message(client).status() == 504);
}

TEST_CASE("a GET that was not answered in time is tried again") {
  Stage stage([](Stage::Settings& settings) { settings.route().retry.backoff_base = 0s; });
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  reach(stage, client, 60s);
  upstream.await_end();
  RawSocket fresh = stage.take_request();
  fresh.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
}

TEST_CASE("a client whose body stands still is a 408") {
  Stage stage;
  RawSocket client = stage.client();
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\na");
  RawSocket upstream = stage.upstream.accept();
  read_head(upstream);
  upstream.read_bytes(1);
  reach(stage, client, 60s);
  CHECK(read_message(client).status() == 408);
  client.await_end();
  upstream.await_end();
}

TEST_CASE(
    "an upstream that takes no more of a body is a 504, which names the limit that ended it") {
  Stage stage([](Stage::Settings& settings) {
    settings.route().idle_timeout = 7s;
    settings.route().response_timeout = 200s;
  });
  RawSocket client = stage.client();
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n");
  RawSocket upstream = stage.upstream.accept();
  CHECK(stage.stuff(client, 100'000'000) < 100'000'000);
  reach(stage, client, 7s);
  const RawMessage response = read_message(client);
  CHECK(response.status() == 504);
  CHECK(says(response, "http_response_timeout"));
  CHECK(response.body.find("--idle-timeout") != std::string::npos);
  CHECK(response.body.find("--response-timeout") == std::string::npos);
  upstream.await_end();
}

TEST_CASE("a response that stands still is cut after idle-timeout, and only then") {
  for (const bool old : {false, true}) {
    Stage stage;
    RawSocket client = stage.client();
    client.send(old ? "GET / HTTP/1.0\r\n\r\n" : get());
    RawSocket upstream = stage.take_request();
    upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("a"));
    client.read_until("a");
    stage.settle();
    stage.advance(50s);
    upstream.send(chunk("b"));
    client.read_until("b");
    if (!old) client.read_bytes(2);
    reach(stage, client, 60s);
    CHECK(client.await_end() == (old ? RawSocket::End::reset : RawSocket::End::closed));
    upstream.await_end();
  }
}

TEST_CASE("without an idle-timeout a response may stand still for a day") {
  Stage stage([](Stage::Settings& settings) { settings.route().idle_timeout = 0s; });
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na");
  client.read_until("\r\n\r\na");
  stage.settle();
  stage.advance(24h);
  upstream.send("b");
  CHECK(client.read_bytes(1) == "b");
  CHECK(stage.seen.exchange(1).whole);
}

TEST_CASE("a head must arrive within 10 s of its first byte; before it, 75 s may pass") {
  Stage stage;
  RawSocket idle = stage.client();
  stage.settle();
  stage.advance(75s - 1ns);
  idle.send("GET / HT");
  stage.settle();
  RawSocket silent = stage.client();
  reach(stage, idle, 10s);
  CHECK(read_message(idle).status() == 408);
  CHECK(idle.await_end() == RawSocket::End::closed);

  stage.settle();
  reach(stage, silent, 65s);
  CHECK(silent.await_end() == RawSocket::End::closed);
  CHECK(stage.upstream.quiet());
}

TEST_CASE("no token in time is a 503 that says when to come back; a refused credential is a 502") {
  Stage stage;
  stage.clock.advance(2h);  // the first token has expired
  stage.tokens.fail(token::State::Health::unavailable, "the endpoint is down");
  stage.settle();
  RawSocket client = stage.client();
  client.send(get());
  reach(stage, client, 10s);
  const RawMessage late = read_message(client);
  CHECK(late.status() == 503);
  CHECK(says(late, "credential_unavailable"));
  CHECK_FALSE(late.value("Retry-After").empty());

  stage.tokens.hang();
  stage.settle();
  client.send(get());
  reach(stage, client, 10s);
  const RawMessage unanswered = read_message(client);
  CHECK(unanswered.status() == 503);
  CHECK(unanswered.value("Retry-After") == "1");

  stage.tokens.fail(token::State::Health::rejected, "invalid_client");
  stage.settle();
  const RawMessage refused = ask(client, get());
  CHECK(refused.status() == 502);
  CHECK(says(refused, "credential_rejected"));
  CHECK(stage.upstream.quiet());
}
