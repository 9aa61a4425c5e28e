// Whole exchanges over scripted streams: what a client, an upstream and the credential say, and
// what each of them gets to read.
#include "relay/exchange.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/observations.h"
#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"

using namespace bearer;
using namespace std::chrono_literals;
using test::answer;
using test::get;
using test::post;
using test::RawMessage;
using test::Wire;
using Dialing = test::RelayWorld::Upstream::Dialing;

namespace {

/// What was written to the peer of a connection since it was last looked at. REQUIRES: one message,
/// and nothing else.
RawMessage take(Wire& wire) {
  std::string bytes = wire.stream.take_written();
  const std::optional<RawMessage> message = test::take_message(bytes);
  REQUIRE(message.has_value());
  CHECK(bytes.empty());
  return *message;
}

bool nothing_at(const Wire& wire) {
  return wire.stream.written().empty();
}

struct Fixture {
  /// A client whose request has gone as far as it can.
  Wire& ask(std::string_view request) {
    Wire& client = world.connect();
    client.give(request);
    world.settle();
    return client;
  }
  /// The upstream says that, on the connection made last.
  void respond(std::string_view response) {
    world.upstream().give(response);
    world.settle();
  }
  void use(const std::function<void(relay::RouteOptions&)>& adjust) {
    relay::RouteOptions route;
    adjust(route);
    world.use(route);
  }
  bool upstream_was_dialed(std::size_t times) const {
    return world.at_upstream.wires.size() == times;
  }

  test::Observations seen;
  test::RelayWorld world{seen};
};

const std::string kWait = "Retry-After: 3\r\n";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a request goes out with the token, and its response comes back") {
  Wire& client = ask(get("/users?page=2", "Accept: text/csv\r\n"));
  const RawMessage sent = take(world.upstream());
  CHECK(sent.start_line == "GET /users?page=2 HTTP/1.1");
  CHECK(sent.has("Host: api.example.com"));
  CHECK(sent.has("Accept: text/csv"));
  CHECK(sent.has("Authorization: Bearer one"));
  respond(answer("200 OK", "a,b", "Content-Type: text/csv\r\n"));
  const RawMessage response = take(client);
  CHECK(response.status() == 200);
  CHECK(response.body == "a,b");
  CHECK(response.value("Bearer-Proxy-Attempts").empty());
  const test::Observations::Exchange end = seen.exchange(1);
  CHECK(end.status == 200);
  CHECK(end.attempts == 1);
  CHECK(end.whole);
  CHECK(end.response_bytes == 3);
}

TEST_CASE_FIXTURE(Fixture, "connections to client and upstream carry one request after the other") {
  Wire& client = ask(get("/1"));
  respond(answer("200 OK", "1"));
  CHECK(take(client).body == "1");
  client.give(get("/2"));
  world.settle();
  CHECK(upstream_was_dialed(1));
  respond(answer("200 OK", "2"));
  CHECK(take(client).body == "2");
}

TEST_CASE_FIXTURE(Fixture, "a 401 renews the token once and replays the request with its body") {
  world.tokens.issue_when_rejected({"two"});
  Wire& client = ask(post("{\"order\":1}"));
  const RawMessage first = take(world.upstream());
  CHECK(first.has("Authorization: Bearer one"));
  respond(answer("401 Unauthorized", "no"));
  const RawMessage second = take(world.upstream());
  CHECK(second.has("Authorization: Bearer two"));
  CHECK(second.body == first.body);
  CHECK(nothing_at(client));
  respond(answer("201 Created"));
  const RawMessage response = take(client);
  CHECK(response.status() == 201);
  CHECK(response.has("Bearer-Proxy-Attempts: 2"));
  CHECK(world.tokens.rejects() == 1);
  CHECK(world.tokens.replays() == std::vector<bool>{true});
}

TEST_CASE_FIXTURE(Fixture, "a new token that the API takes late is sent again until it does") {
  world.tokens.issue_when_rejected({"two", "three"});
  Wire& client = ask(post("{\"order\":2}"));
  CHECK(take(world.upstream()).has("Authorization: Bearer one"));
  respond(answer("401 Unauthorized", "no"));
  for (const auto wait : {500ms, 1000ms}) {
    CHECK(take(world.upstream()).has("Authorization: Bearer two"));
    respond(answer("401 Unauthorized", "not yet"));
    world.advance(wait - 1ns);
    CHECK(nothing_at(world.upstream()));
    world.advance(1ns);
  }
  const RawMessage last = take(world.upstream());
  CHECK(last.has("Authorization: Bearer two"));
  CHECK(last.body == "{\"order\":2}");
  CHECK(nothing_at(client));
  respond(answer("201 Created"));
  const RawMessage response = take(client);
  CHECK(response.status() == 201);
  CHECK(response.has("Bearer-Proxy-Attempts: 4"));
  CHECK(world.tokens.rejects() == 1);
  CHECK(world.tokens.replays() == std::vector<bool>{true});
}

TEST_CASE_FIXTURE(Fixture, "while one waits until a token is taken, others fetch no third") {
  world.tokens.issue_when_rejected({"two", "three"});
  Wire& client = ask(get());
  respond(answer("401 Unauthorized", "no"));
  respond(answer("401 Unauthorized", "not yet"));
  Wire& other = ask(get());
  respond(answer("401 Unauthorized", "not yet"));
  CHECK(nothing_at(client));
  CHECK(nothing_at(other));
  CHECK(world.tokens.rejects() == 1);
  CHECK(world.tokens.replays().empty());
}

TEST_CASE_FIXTURE(Fixture, "a token that is never taken is waited for once, and then no more") {
  world.tokens.issue_when_rejected({"two", "three"});
  Wire& client = ask(get());
  respond(answer("401 Unauthorized", "no"));
  for (const auto wait : {500ms, 1000ms, 2000ms}) {
    respond(answer("401 Unauthorized", "no"));
    CHECK(nothing_at(client));
    world.advance(wait);
  }
  respond(answer("401 Unauthorized", "no"));
  CHECK(take(client).status() == 401);
  CHECK(world.tokens.replays() == std::vector<bool>{false});
  client.give(get());
  world.settle();
  respond(answer("401 Unauthorized", "no"));
  respond(answer("401 Unauthorized", "no"));
  CHECK(take(client).status() == 401);
  CHECK(world.tokens.replays() == std::vector<bool>{false, false});
}

TEST_CASE_FIXTURE(Fixture, "a 401 is relayed untouched where no other token comes in time") {
  Wire& client = ask(get());
  respond(answer("401 Unauthorized", "no"));
  // Another request uses the loop's memory meanwhile.
  Wire& other = ask(get());
  respond(answer("200 OK", "yes"));
  CHECK(take(other).status() == 200);
  CHECK(nothing_at(client));
  world.advance(10s);
  const RawMessage response = take(client);
  CHECK(response.status() == 401);
  CHECK(response.body == "no");
}

TEST_CASE_FIXTURE(Fixture,
                  "a 429 is retried when its time has come, and pauses the route's others") {
  Wire& client = ask(get("/1"));
  respond(answer("429 Too Many Requests", "", kWait));
  Wire& other = ask(get("/2"));
  CHECK(upstream_was_dialed(1));
  world.upstream().stream.take_written();
  world.advance(3s - 1ns);
  CHECK(nothing_at(world.upstream()));
  world.advance(2s);  // and the jitter
  std::size_t sent = 0;
  for (const auto& wire : world.at_upstream.wires) sent += !wire->stream.written().empty();
  CHECK(sent == 2);
  for (const auto& wire : world.at_upstream.wires) wire->give(answer("200 OK"));
  world.settle();
  CHECK(take(client).has("Bearer-Proxy-Attempts: 2"));
  CHECK(take(other).status() == 200);
  CHECK(world.totals().routes.at("/").waited[relay::WaitFor::pause] >= 3s);
}

TEST_CASE_FIXTURE(Fixture, "a refused connection is tried again, for any method") {
  world.at_upstream.next = Dialing::is_refused;
  Wire& client = ask(post("x"));
  CHECK(upstream_was_dialed(0));
  world.advance(2s);
  REQUIRE(upstream_was_dialed(1));
  CHECK(take(world.upstream()).body == "x");
  respond(answer("200 OK"));
  CHECK(take(client).has("Bearer-Proxy-Attempts: 2"));
}

TEST_CASE_FIXTURE(Fixture, "a fault that is not retried is told in a reply of our own") {
  use([](relay::RouteOptions& route) { route.retry.max_retries = 0; });
  struct Case {
    const char* what;
    std::function<void()> fails;
    int status;
    std::string_view error;
  };
  const Case cases[] = {
      {"ends", [&] { world.upstream().end(); }, 502, "connection_terminated"},
      {"malformed", [&] { world.upstream().give("what?\r\n\r\n"); }, 502, "http_protocol_error"},
      {"silent", [&] { world.clock.advance(60s); }, 504, "http_response_timeout"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    Wire& client = ask(get());
    c.fails();
    world.settle();
    const RawMessage reply = take(client);
    CHECK(reply.status() == c.status);
    CHECK(reply.value("Proxy-Status").find(c.error) != std::string::npos);
    CHECK(reply.value("Content-Type") == "application/problem+json");
  }
}

TEST_CASE_FIXTURE(Fixture, "a client that leaves ends its attempt at once, and its wait") {
  Wire& client = ask(get());
  client.end();
  world.settle();
  CHECK(world.upstream().closed);
  CHECK(client.closed);
  CHECK(seen.exchange(1).status == 0);

  Wire& waiting = ask(get());
  respond(answer("503 Service Unavailable", "", kWait));
  waiting.end();
  world.settle();
  CHECK(waiting.closed);
  world.advance(60s);
  CHECK(seen.exchange(2).attempts == 1);
  CHECK(upstream_was_dialed(2));
}

TEST_CASE_FIXTURE(Fixture, "without a token a request waits for one, and is told if none comes") {
  world.tokens.hang();
  world.settle();
  Wire& lucky = ask(get());
  CHECK(upstream_was_dialed(0));
  world.tokens.issue("late");
  world.settle();
  CHECK(take(world.upstream()).has("Authorization: Bearer late"));
  respond(answer("200 OK"));
  CHECK(take(lucky).status() == 200);

  world.tokens.hang();
  world.settle();
  Wire& unlucky = ask(get());
  world.advance(10s);
  const RawMessage reply = take(unlucky);
  CHECK(reply.status() == 503);
  CHECK(reply.has("Retry-After: 1"));
  CHECK(reply.value("Proxy-Status").find("credential_unavailable") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a client's own token request is answered here, also without a token") {
  use([](relay::RouteOptions& route) {
    route.stub_tokens.push_back(http::PathPattern::parse("/oauth/token").value());
  });
  world.tokens.hang();
  world.settle();
  const std::string form = "grant_type=client_credentials";
  Wire& client = ask("POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 29\r\n\r\n");
  client.give(form);
  world.settle();
  const RawMessage stub = take(client);
  CHECK(stub.status() == 200);
  CHECK(stub.has("Content-Type: application/json"));
  CHECK(stub.has("Cache-Control: no-store"));
  CHECK(stub.value("Proxy-Status").starts_with("bearer-proxy; details="));
  CHECK(stub.body.find("\"access_token\":\"eyJ") != std::string::npos);
  CHECK(upstream_was_dialed(0));
  CHECK(world.totals().replies.at({"stub_token", 200}) == 1);

  world.tokens.issue("real");
  world.settle();
  client.give(get("/users", "Authorization: Bearer placeholder\r\n"));  // on the same connection
  world.settle();
  const RawMessage sent = take(world.upstream());
  CHECK(sent.has("Authorization: Bearer real"));
  CHECK(sent.fields.find("placeholder") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a route that goes away while a token request is answered is held") {
  use([](relay::RouteOptions& route) {
    route.path = "/oauth/";
    route.stub_tokens.push_back(http::PathPattern::parse("/oauth/token").value());
  });
  Wire& client = world.connect();
  client.stream.take_only(10);
  client.give("POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  world.settle();
  use([](relay::RouteOptions& route) { route.path = "/other/"; });
  world.settle();
  client.stream.take_only(test::ScriptedStream::kUnlimited);
  world.settle();
  CHECK(take(client).status() == 200);
}

TEST_CASE_FIXTURE(Fixture, "a token request of another method goes to the upstream") {
  use([](relay::RouteOptions& route) {
    route.stub_tokens.push_back(http::PathPattern::parse("/oauth/token").value());
  });
  ask(get("/oauth/token"));
  CHECK(take(world.upstream()).start_line == "GET /oauth/token HTTP/1.1");
}

TEST_CASE_FIXTURE(Fixture, "a token request that waits to be asked for its body is asked for it") {
  use([](relay::RouteOptions& route) {
    route.stub_tokens.push_back(http::PathPattern::parse("/t").value());
  });
  Wire& client =
      ask("POST /t HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
          "Content-Length: 4\r\n\r\n");
  const std::string answered = client.stream.take_written();
  CHECK(answered.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  CHECK(answered.find("Connection: close") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a token request's body is taken after its answer, not for ever") {
  use([](relay::RouteOptions& route) {
    route.stub_tokens.push_back(http::PathPattern::parse("/t").value());
  });
  Wire& client = ask("POST /t HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n");
  for (int i = 0; i < 4; ++i) {
    client.give(std::string(64 << 10, 'x'));
    world.settle();
  }
  CHECK(take(client).status() == 200);
  CHECK_FALSE(client.stream.shut_down());
  world.advance(5s);  // of silence
  CHECK(client.closed);
}

TEST_CASE_FIXTURE(Fixture, "the token goes where the route says, and fixed fields beside it") {
  use([](relay::RouteOptions& route) {
    route.auth_field = "X-Shop-Token";
    route.auth_scheme = "";
    route.fixed_fields = {{"X-Api-Key", base::Secret("k3y")}};
  });
  world.tokens.issue_when_rejected({"two"});
  ask(get("/",
          "x-shop-token: mine\r\nX-API-KEY: mine\r\nAuthorization: Bearer mine\r\n"
          "Connection: x-shop-token, x-api-key\r\n"));
  const RawMessage first = take(world.upstream());
  CHECK(first.has("X-Shop-Token: one"));
  CHECK(first.has("X-Api-Key: k3y"));
  CHECK(first.fields.find("mine") == std::string::npos);
  CHECK(first.value("Authorization") == "");
  respond(answer("401 Unauthorized"));
  CHECK(take(world.upstream()).has("X-Shop-Token: two"));
}

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

TEST_CASE_FIXTURE(Fixture, "one beyond the limit in flight waits for its place") {
  use([](relay::RouteOptions& route) { route.in_flight_max = 1; });
  Wire& first = ask(get("/1"));
  Wire& second = ask(get("/2"));
  CHECK(upstream_was_dialed(1));
  world.upstream().stream.take_written();
  respond(answer("200 OK", "1"));
  CHECK(take(first).body == "1");
  CHECK(take(world.upstream()).start_line == "GET /2 HTTP/1.1");
  respond(answer("200 OK", "2"));
  CHECK(take(second).body == "2");
}

TEST_CASE_FIXTURE(Fixture,
                  "a response streams as it comes, and what breaks off is not made whole") {
  Wire& client = ask(get());
  respond("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
  CHECK(client.stream.written().ends_with("\r\n\r\nab"));
  world.upstream().end();
  world.settle();
  CHECK(client.stream.shut_down());
  CHECK_FALSE(seen.exchange(1).whole);

  Wire& endless = ask("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n");
  respond("HTTP/1.1 200 OK\r\n\r\nab");
  world.upstream().break_off();
  world.settle();
  CHECK(endless.stream.breaks_on_close());  // only so is it told from a whole one
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

TEST_CASE_FIXTURE(Fixture, "a head that is late, or none, is answered and its connection ends") {
  Wire& slow = ask("GET / HT");
  world.advance(10s);
  CHECK(take(slow).status() == 408);
  Wire& odd = ask("\x01\r\n\r\n");
  const RawMessage reply = take(odd);
  CHECK(reply.status() == 400);
  CHECK(reply.has("Connection: close"));
  CHECK(odd.stream.shut_down());
  Wire& idle = world.connect();
  world.advance(75s);
  CHECK(idle.closed);
  CHECK(nothing_at(idle));
}

TEST_CASE_FIXTURE(Fixture, "a drain lets a request come to its end, and then its connection") {
  Wire& client = ask(get());
  Wire& idle = world.connect();
  world.settle();
  world.sessions().drain();
  world.settle();
  CHECK(idle.closed);
  respond(answer("200 OK"));
  CHECK(take(client).has("Connection: close"));
}

TEST_CASE_FIXTURE(Fixture, "a token is dead in every form in which an API says so") {
  struct Case {
    const char* what;
    int renew_status;
    const char* status;
    const char* challenge;
    bool renewed;
  };
  const Case cases[] = {
      {"a 401 without a challenge", 401, "401 Unauthorized", "", true},
      {"a 403 with error=invalid_token", 401, "403 Forbidden",
       "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n", true},
      {"a 403 where the route says so", 403, "403 Forbidden", "", true},
      {"a bare 403", 401, "403 Forbidden", "", false},
      {"a 403 for want of scope, where the route renews by 403", 403, "403 Forbidden",
       "WWW-Authenticate: Bearer error=\"insufficient_scope\"\r\n", false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    use([&](relay::RouteOptions& route) {
      route.retry.renew_statuses.reset().set(static_cast<std::size_t>(c.renew_status));
    });
    world.tokens.issue("old");
    world.tokens.hold_off(false);
    world.advance(1h - 1s);  // it is no longer young
    world.tokens.issue_when_rejected({"new"});
    const int rejects = world.tokens.rejects();
    Wire& client = ask(get());
    world.upstream().stream.take_written();
    respond(answer(c.status, "no", c.challenge));
    CHECK(world.tokens.rejects() == rejects + (c.renewed ? 1 : 0));
    if (c.renewed) {
      CHECK(take(world.upstream()).has("Authorization: Bearer new"));
      respond(answer("200 OK"));
    }
    CHECK(take(client).status() == (c.renewed ? 200 : 403));
  }
}

TEST_CASE_FIXTURE(Fixture, "a token that the API takes late costs no request, and no third token") {
  world.tokens.issue("two");
  world.settle();
  Wire& first = ask(get("/1"));
  CHECK(take(world.upstream()).has("Authorization: Bearer two"));
  respond(answer("401 Unauthorized"));
  CHECK(take(world.upstream()).has("Authorization: Bearer one"));
  respond(answer("200 OK"));
  CHECK(take(first).status() == 200);

  // For the moment requests go with the former one at once.
  first.give(get("/2"));
  world.settle();
  CHECK(take(world.upstream()).has("Authorization: Bearer one"));
  respond(answer("200 OK"));
  CHECK(take(first).status() == 200);

  world.advance(1s);
  first.give(get("/3"));
  world.settle();
  CHECK(take(world.upstream()).has("Authorization: Bearer two"));
  respond(answer("200 OK"));
  CHECK(take(first).status() == 200);
  CHECK(world.tokens.rejects() == 0);
  CHECK(world.tokens.replays().empty());
}

TEST_CASE_FIXTURE(Fixture, "where the former token is dead as well, a third is fetched at once") {
  world.tokens.issue("two");
  world.settle();
  world.tokens.issue_when_rejected({"three"});
  Wire& client = ask(get());
  respond(answer("401 Unauthorized"));
  respond(answer("401 Unauthorized"));
  const std::string& sent = world.upstream().stream.written();
  CHECK(sent.ends_with("Authorization: Bearer three\r\n\r\n"));
  respond(answer("200 OK"));
  CHECK(take(client).has("Bearer-Proxy-Attempts: 3"));
  CHECK(world.tokens.rejects() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a pause beyond the window is kept: others are told how long it lasts") {
  use([](relay::RouteOptions& route) { route.retry.window = 300s; });
  Wire& client = ask(get("/1"));
  respond(answer("429 Too Many Requests", "theirs", "Retry-After: 600\r\n"));
  CHECK(take(client).body == "theirs");
  world.upstream().stream.take_written();
  world.advance(20s);
  client.give(get("/2"));
  world.settle();
  CHECK(nothing_at(world.upstream()));
  const RawMessage reply = take(client);
  CHECK(reply.status() == 429);
  CHECK(reply.has("Retry-After: 580"));
  CHECK(reply.value("Proxy-Status").find("destination_unavailable") != std::string::npos);

  SUBCASE("one request asks whether it is over, and its success ends the pause") {
    world.advance(10s);
    client.give(get("/probe"));
    Wire& other = ask(get("/other"));
    CHECK(take(other).status() == 429);
    CHECK(take(world.upstream()).start_line == "GET /probe HTTP/1.1");
    respond(answer("200 OK"));
    CHECK(take(client).status() == 200);
    other.give(get("/again"));
    world.settle();
    CHECK(take(world.upstream()).start_line == "GET /again HTTP/1.1");
  }
  SUBCASE("a probe that is refused leaves it as it is, or as it is told now") {
    world.advance(10s);
    client.give(get("/probe"));
    world.settle();
    respond(answer("429 Too Many Requests", "", "Retry-After: 900\r\n"));
    CHECK(take(client).status() == 429);
    world.upstream().stream.take_written();
    client.give(get("/2"));
    world.settle();
    CHECK(take(client).has("Retry-After: 900"));
    CHECK(nothing_at(world.upstream()));
  }
  SUBCASE("those who can wait for its rest do so") {
    world.advance(300s);
    ask(get("/3"));
    CHECK(upstream_was_dialed(1));
    world.advance(280s - 1ns);
    CHECK(upstream_was_dialed(1));
    world.advance(20s + 1ns);  // its window's end
    REQUIRE(upstream_was_dialed(2));
    CHECK(take(world.upstream()).start_line == "GET /3 HTTP/1.1");
  }
}

TEST_CASE_FIXTURE(Fixture, "what came while the process stood still is read before it is late") {
  use([](relay::RouteOptions& route) { route.retry.max_retries = 0; });
  Wire& client = ask(post("x"));
  world.upstream().give(answer("201 Created", "1"));
  world.advance(10min);  // the loop hears of both in one turn
  CHECK(take(client).status() == 201);

  Wire& streaming = ask(get());
  respond("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
  world.upstream().give("cd");
  world.advance(10min);
  CHECK(streaming.stream.written().ends_with("\r\n\r\nabcd"));
  CHECK(seen.exchange(2).whole);

  Wire& idle = world.connect();
  world.settle();
  idle.give(get("/asked"));
  world.advance(10min);
  CHECK(take(world.upstream()).start_line == "GET /asked HTTP/1.1");
}

TEST_CASE_FIXTURE(Fixture, "at the end of a drain what still waits gets a reply, and no reset") {
  Wire& waiting = ask(get("/waits"));
  respond(answer("429 Too Many Requests", "", "Retry-After: 60\r\n"));
  Wire& paused = ask(get("/paused"));
  world.sessions().drain();
  world.settle();
  CHECK(nothing_at(waiting));
  world.sessions().end_waits();
  world.settle();
  for (Wire* client : {&waiting, &paused}) {
    const RawMessage reply = take(*client);
    CHECK(reply.status() == 503);
    CHECK(reply.value("Proxy-Status").find("connection_limit_reached") != std::string::npos);
    CHECK(reply.has("Connection: close"));
  }
}

TEST_CASE_FIXTURE(Fixture, "at the end of a drain nobody waits for a token or a place any more") {
  use([](relay::RouteOptions& route) { route.in_flight_max = 1; });
  Wire& first = ask(get());
  Wire& queued = ask(get());
  world.tokens.hang();
  world.settle();
  respond(answer("200 OK"));
  CHECK(take(first).status() == 200);
  world.settle();
  first.give(get());
  world.settle();
  world.sessions().drain();
  world.sessions().end_waits();
  world.settle();
  CHECK(take(queued).status() == 503);
  CHECK(take(first).status() == 503);
}

// ── A download that breaks off. ──

namespace {

std::string part(std::string_view range, std::string_view body, std::string_view etag = "\"v1\"") {
  return answer(
      "206 Partial Content", std::string(body),
      "Content-Range: bytes " + std::string(range) + "\r\nETag: " + std::string(etag) + "\r\n");
}
const std::string kBegun = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"v1\"\r\n\r\n0123";

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a download that breaks off goes on where it was, and the client sees one") {
  Wire& client = ask(get("/file", "If-None-Match: \"old\"\r\n"));
  CHECK(take(world.upstream()).value("Range").empty());
  respond(kBegun);
  world.upstream().break_off();
  world.settle();
  REQUIRE(upstream_was_dialed(2));
  const RawMessage rest = take(world.upstream());
  CHECK(rest.start_line == "GET /file HTTP/1.1");
  CHECK(rest.has("Range: bytes=4-9"));
  CHECK(rest.has("If-Range: \"v1\""));
  CHECK(rest.has("Authorization: Bearer one"));
  CHECK(rest.value("If-None-Match").empty());
  respond("HTTP/1.1 103 Early Hints\r\n\r\n" + part("4-9/10", "456789"));
  CHECK(take(client).body == "0123456789");
  const test::Observations::Exchange end = seen.exchange(1);
  CHECK(end.whole);
  CHECK(end.response_bytes == 10);
}

TEST_CASE_FIXTURE(Fixture, "on the way a dead token is renewed and a busy upstream waited for") {
  world.tokens.issue_when_rejected({"two"});
  Wire& client = ask(get("/file"));
  respond(kBegun);
  world.upstream().end();
  world.settle();
  world.upstream().stream.take_written();
  respond(answer("401 Unauthorized"));
  CHECK(take(world.upstream()).has("Authorization: Bearer two"));
  respond(answer("429 Too Many Requests", "", kWait));
  world.advance(4s);
  CHECK(take(world.upstream()).has("Range: bytes=4-9"));
  respond(part("4-9/10", "456789"));
  CHECK(take(client).body == "0123456789");
}

TEST_CASE_FIXTURE(Fixture, "what does not continue a download byte for byte cuts it") {
  for (const std::string& response :
       {answer("200 OK", "0123456789", "ETag: \"v1\"\r\n"), part("3-8/10", "345678"),
        part("4-9/11", "456789"), part("4-9/10", "456789", "\"v2\""),
        part("4-9/10", "456789", "W/\"v1\""), answer("416 Range Not Satisfiable"),
        answer("404 Not Found", "gone")}) {
    CAPTURE(response);
    Wire& client = ask(get("/file"));
    respond(kBegun);
    world.upstream().break_off();
    world.settle();
    respond(response);
    CHECK(client.stream.shut_down());
    CHECK(client.stream.take_written().ends_with("\r\n\r\n0123"));
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "a download without a strong validator, or with the setting off, is cut") {
  use([](relay::RouteOptions& route) { route.resume_downloads = false; });
  Wire& off = ask(get("/file"));
  respond(kBegun);
  world.upstream().break_off();
  world.settle();
  CHECK(off.stream.shut_down());
  use([](relay::RouteOptions&) {});
  Wire& weak = ask(get("/file"));
  respond("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: W/\"v1\"\r\n\r\n0123");
  world.upstream().break_off();
  world.settle();
  CHECK(weak.stream.shut_down());
}

TEST_CASE_FIXTURE(Fixture, "a download that gets nowhere waits between its tries, and ends") {
  use([](relay::RouteOptions& route) { route.retry.max_retries = 2; });
  Wire& client = ask(get("/file"));
  respond(kBegun);
  for (std::size_t dialed = 2; dialed <= 4; ++dialed) {
    world.upstream().break_off();
    world.settle();
    if (dialed > 2) world.advance(10s);
    REQUIRE(upstream_was_dialed(dialed));
    respond(
        "HTTP/1.1 206 Partial Content\r\nContent-Length: 6\r\nContent-Range: bytes 4-9/10\r\n"
        "ETag: \"v1\"\r\n\r\n");
  }
  world.upstream().break_off();
  world.settle();
  CHECK(client.stream.shut_down());
  CHECK(upstream_was_dialed(4));
}

TEST_CASE_FIXTURE(Fixture,
                  "a SOAP fault goes to its caller at once, and a 500 of another kind not") {
  use([](relay::RouteOptions& route) { route.retry.unsafe = relay::RetryUnsafe::always; });
  const std::string envelope = "Content-Type: text/xml\r\n";
  Wire& caller = ask(post("<order/>", envelope));
  respond(answer("500 Internal Server Error", "<Fault/>", envelope));
  CHECK(take(caller).body == "<Fault/>");
  CHECK(seen.exchange(1).attempts == 1);

  Wire& other = ask(post("<order/>", envelope));
  respond(answer("500 Internal Server Error", "<h1>down</h1>", "Content-Type: text/html\r\n"));
  CHECK(nothing_at(other));
  world.advance(2s);
  respond(answer("200 OK", "<done/>", envelope));
  CHECK(take(other).has("Bearer-Proxy-Attempts: 2"));
}

TEST_CASE_FIXTURE(Fixture, "a head that keeps coming is not late, for ten times the limit") {
  use([](relay::RouteOptions& route) {
    route.retry.max_retries = 0;
    route.response_timeout = 3s;
  });
  Wire& patient = ask(get("/query"));
  respond("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
  for (int i = 0; i < 9; ++i) {
    world.advance(3s - 1ns);
    respond("X-Progress: 1\r\n");
    CHECK(nothing_at(patient));
  }
  respond("\r\nok");
  CHECK(take(patient).body == "ok");

  Wire& endless = ask(get("/query"));
  respond("HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 29; ++i) {
    world.advance(1s);
    respond("X-Progress: 1\r\n");
  }
  CHECK(nothing_at(endless));
  world.advance(1s);
  CHECK(take(endless).status() == 504);

  Wire& silent = ask(get("/query"));
  respond("HTTP/1.1 200 OK\r\n");
  world.advance(1s);
  respond("X-Progress: 1\r\n");
  world.advance(3s - 1ns);
  CHECK(nothing_at(silent));
  world.advance(1ns);
  CHECK(take(silent).status() == 504);
}

TEST_CASE_FIXTURE(Fixture, "an interim response shows that an answer is on its way") {
  use([](relay::RouteOptions& route) {
    route.retry.max_retries = 0;
    route.response_timeout = 10s;
  });
  Wire& client = ask("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n");  // gets none itself
  world.advance(9s);
  respond("HTTP/1.1 102 Processing\r\n\r\n");
  world.advance(9s);
  respond(answer("200 OK", "x"));
  CHECK(take(client).status() == 200);
}

TEST_CASE_FIXTURE(Fixture, "part of a head that came while the process stood still is not late") {
  use([](relay::RouteOptions& route) { route.retry.max_retries = 0; });
  Wire& client = ask(get());
  world.upstream().give("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
  world.advance(60s);
  CHECK(nothing_at(client));
  respond("\r\nok");
  CHECK(take(client).body == "ok");
}

TEST_CASE_FIXTURE(Fixture, "a head has as many fields as the settings allow, on either side") {
  const auto fields = [](int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) lines += "X-Progress: 1\r\n";
    return lines;
  };
  relay::RouteOptions route;
  relay::ServiceOptions service;
  route.response_fields_max = service.request_fields_max = 200;
  world.use(route, service);
  Wire& client = ask(get("/", fields(199)));  // and Host
  respond(answer("200 OK", "x", fields(199)));
  CHECK(take(client).status() == 200);
  Wire& odd = ask(get("/", fields(200)));
  CHECK(take(odd).status() == 431);
  Wire& misled = ask(get());
  respond(answer("200 OK", "x", fields(200)));
  CHECK(take(misled).status() == 502);
}

// ── Tokens that are bound to a key. ──

namespace {

/// Says what it proves, in place of a signature.
class PlainBinding final : public token::Binding {
 public:
  std::unique_ptr<token::Prover> prover() const override { return std::make_unique<Plain>(); }
  std::string text() const override { return "plain"; }

 private:
  struct Plain final : token::Prover {
    base::Result<std::string_view> prove(const token::ProvenRequest& request) override {
      text = std::to_string(++proofs) + " " + std::string(request.method) + " " +
             std::string(request.origin) + std::string(request.target) + " " +
             std::string(request.token_digest.substr(0, 4)) + " " + std::string(request.nonce);
      return std::string_view(text);
    }
    int proofs = 0;
    std::string text;
  };
};

int count(const RawMessage& message, const std::string& name) {
  const std::string lines = "\r\n" + message.fields;
  int found = 0;
  for (std::size_t at = 0; (at = lines.find("\r\n" + name + ": ", at)) != lines.npos; ++at) ++found;
  return found;
}

struct Bound : Fixture {
  Bound() {
    world.tokens.bind(std::make_shared<PlainBinding>());
    world.tokens.issue("bound");
    world.advance(60s);  // it is no longer so young that the one before stands in for it
  }
  /// What the upstream got: the DPoP field of one request.
  std::string proof() {
    const RawMessage sent = take(world.upstream());
    CHECK(count(sent, "DPoP") == 1);
    return sent.value("DPoP");
  }
};

const std::string kNonceAsked = "WWW-Authenticate: DPoP error=\"use_dpop_nonce\"\r\n";

}  // namespace

TEST_CASE_FIXTURE(Bound, "a bound token goes as DPoP with a proof of the request as it is sent") {
  use([](relay::RouteOptions& route) { route.path = "/"; });
  ask(get("/users?page=2", "DPoP: of-the-client\r\nAuthorization: DPoP its-own\r\n"));
  const RawMessage sent = take(world.upstream());
  CHECK(sent.has("Authorization: DPoP bound"));
  CHECK(count(sent, "Authorization") == 1);
  CHECK(count(sent, "DPoP") == 1);
  CHECK(sent.value("DPoP") == "1 GET http://api.example.com/users?page=2 Xhz0 ");
}

TEST_CASE_FIXTURE(Bound, "a nonce is learned from a success, and from an odd value nothing is") {
  Wire& client = ask(get("/1"));
  CHECK(proof().ends_with(" "));
  respond(answer("200 OK", "1", "DPoP-Nonce: n-1\r\n"));
  take(client);
  client.give(get("/2"));
  world.settle();
  CHECK(proof().ends_with(" n-1"));
  respond(answer("200 OK", "2", "DPoP-Nonce: a b\r\n"));
  take(client);
  client.give(get("/3"));
  world.settle();
  CHECK(proof().ends_with(" n-1"));
}

TEST_CASE_FIXTURE(Bound,
                  "a nonce that is asked for is given at once: same token, body, new proof") {
  Wire& client = ask(post("{\"order\":7}"));
  const RawMessage first = take(world.upstream());
  respond(answer("401 Unauthorized", "no", kNonceAsked + "DPoP-Nonce: n-1\r\n"));
  const RawMessage second = take(world.upstream());
  CHECK(second.has("Authorization: DPoP bound"));
  CHECK(second.body == first.body);
  CHECK(second.value("DPoP").starts_with("2 POST "));
  CHECK(second.value("DPoP").ends_with(" n-1"));
  CHECK(nothing_at(client));
  respond(answer("201 Created"));
  const RawMessage response = take(client);
  CHECK(response.status() == 201);
  CHECK(response.has("Bearer-Proxy-Attempts: 2"));
  CHECK(world.tokens.rejects() == 0);
  CHECK(world.tokens.replays().empty());
}

TEST_CASE_FIXTURE(Bound, "a second challenge in a row is relayed, and the token is not renewed") {
  world.tokens.issue_when_rejected({"two"});
  Wire& client = ask(get("/"));
  take(world.upstream());
  respond(answer("401 Unauthorized", "no", kNonceAsked + "DPoP-Nonce: n-1\r\n"));
  take(world.upstream());
  respond(answer("401 Unauthorized", "no", kNonceAsked + "DPoP-Nonce: n-2\r\n"));
  CHECK(take(client).status() == 401);
  CHECK(world.tokens.rejects() == 0);
}

TEST_CASE_FIXTURE(Bound, "a challenge without a nonce that is new is relayed at once") {
  Wire& client = ask(get("/"));
  take(world.upstream());
  respond(answer("401 Unauthorized", "no", kNonceAsked));
  CHECK(take(client).status() == 401);
  CHECK(world.tokens.rejects() == 0);
}

TEST_CASE_FIXTURE(Bound, "a token that is refused after the nonce was given is renewed as ever") {
  world.tokens.issue_when_rejected({"two"});
  Wire& client = ask(get("/"));
  take(world.upstream());
  respond(answer("401 Unauthorized", "no", kNonceAsked + "DPoP-Nonce: n-1\r\n"));
  take(world.upstream());
  respond(answer("401 Unauthorized", "no", "WWW-Authenticate: DPoP error=\"invalid_token\"\r\n"));
  const RawMessage third = take(world.upstream());
  CHECK(third.has("Authorization: DPoP two"));
  CHECK(third.value("DPoP").starts_with("3 GET "));
  respond(answer("401 Unauthorized", "no", kNonceAsked + "DPoP-Nonce: n-2\r\n"));
  const RawMessage fourth = take(world.upstream());
  CHECK(fourth.has("Authorization: DPoP two"));
  CHECK(fourth.value("DPoP").ends_with(" n-2"));
  respond(answer("200 OK"));
  CHECK(take(client).status() == 200);
  CHECK(world.tokens.rejects() == 1);
  CHECK(world.tokens.replays() == std::vector<bool>{true});
}

TEST_CASE_FIXTURE(Bound, "each retry has a proof of its own") {
  ask(get("/"));
  CHECK(proof().starts_with("1 GET "));
  respond(answer("503 Service Unavailable", "", kWait));
  world.advance(4s);
  CHECK(proof().starts_with("2 GET "));
}

TEST_CASE_FIXTURE(Fixture,
                  "a Bearer token goes without a proof, whatever the upstream says of nonces") {
  world.tokens.issue_when_rejected({"two"});
  Wire& client = ask(get("/", "DPoP: of-the-client\r\n"));
  const RawMessage first = take(world.upstream());
  CHECK(count(first, "DPoP") == 0);
  respond(answer("401 Unauthorized", "no", kNonceAsked + "DPoP-Nonce: n-1\r\n"));
  const RawMessage second = take(world.upstream());
  CHECK(second.has("Authorization: Bearer two"));
  CHECK(count(second, "DPoP") == 0);
  respond(answer("200 OK"));
  CHECK(take(client).status() == 200);
}
