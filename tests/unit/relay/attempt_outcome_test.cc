#include "relay/attempt_outcome.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "http/challenge.h"
#include "tests/unit/relay/exchange_fixture.h"
#include "wire/tls_wanted.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::exchanging;

namespace {

/// Keeps what is told of the last attempt.
struct Told final : test::Observations {
  void attempt_ended(const relay::AttemptEnd& end) override {
    detail = end.detail;
    Observations::attempt_ended(end);
  }
  std::string detail;
};

struct Telling {
  /// What is told of an attempt with the token `t0ken` that is answered like this.
  std::string detail_of(std::string_view status, std::string_view body,
                        std::string_view fields = {}) {
    world.tokens.issue("t0ken");
    Wire& client = world.connect();
    client.give(get());
    world.settle();
    world.upstream().give(answer(status, body, fields));
    world.settle();
    CHECK(take(client).status() / 100 == 4);
    return told.detail;
  }

  Told told;
  test::RelayWorld world{told};
};

}  // namespace

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

TEST_CASE_FIXTURE(Fixture, "a status that the route adds is waited for as its answer asks") {
  use([](relay::RouteOptions& route) { route.retry.statuses.set(409).set(420); });
  int paths = 0;
  for (const char* fields : {"Retry-After: 7\r\n", "RateLimit-Reset: 7\r\n",
                             "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset-After: 7\r\n"}) {
    for (const char* status : {"409 Conflict", "420 Enhance Your Calm"}) {
      CAPTURE(fields);
      CAPTURE(status);
      // A path of its own for each: pacing may hold those of the same kind.
      const std::string path = "/locks-" + std::to_string(++paths);
      Wire& client = ask(get(path));
      respond(answer(status, "later", fields));
      world.upstream().stream.take_written();
      world.advance(7s - 1ns);
      CHECK(nothing_at(client));
      CHECK(nothing_at(world.upstream()));
      world.advance(1s);  // with the jitter
      respond(answer("200 OK", "now"));
      CHECK(take(client).has("Bearer-Proxy-Attempts: 2"));
    }
  }
  Wire& other = ask(get("/else"));
  respond(answer("404 Not Found", "", "Retry-After: 7\r\n"));
  CHECK(take(other).status() == 404);
}

TEST_CASE_FIXTURE(Telling,
                  "of a token that the upstream quotes no part is told, wherever it is cut") {
  for (std::size_t left = 0; left < 10; ++left) {
    const std::string said = std::string(http::kChallengeTextBytesMax - left, '.') + "t0ken is bad";
    const std::string detail =
        detail_of("403 Forbidden", "no", "WWW-Authenticate: Bearer error=\"" + said + "\"\r\n");
    CHECK(detail.starts_with("...."));
    CHECK(detail.find_first_of("t0ken") == std::string::npos);
  }
}

TEST_CASE_FIXTURE(Telling, "an answer that the port speaks TLS is told, unless TLS was spoken") {
  const std::string body = "<p>Reason: You're speaking plain HTTP to an SSL-enabled server port.";
  CHECK(detail_of("400 Bad Request", body) == wire::kTlsWanted);
  CHECK(detail_of("400 Bad Request", "name is missing") == "");
  CHECK(detail_of("404 Not Found", body) == "");
  relay::RouteOptions route;
  route.upstream.tls = true;
  world.use(route);
  CHECK(detail_of("400 Bad Request", body) == "");
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

TEST_CASE_FIXTURE(Fixture, "an alert about our certificate is a fault of TLS, and repeats a POST") {
  use([](relay::RouteOptions& route) {
    route.upstream.tls = true;
    route.retry.max_retries = 1;
  });
  const auto refuse = [&](const char* words) {
    world.upstream().failure = words;
    world.upstream().break_off();
    world.settle();
  };
  Wire& client = ask(post("order"));
  refuse("tlsv13 alert certificate required");
  CHECK(nothing_at(client));
  world.advance(2s);
  REQUIRE(upstream_was_dialed(2));
  refuse("tlsv1 alert unknown ca");
  const RawMessage refused = take(client);
  CHECK(refused.status() == 502);
  CHECK(refused.has("Bearer-Proxy-Attempts: 2"));
  CHECK(refused.value("Proxy-Status").find("error=tls_protocol_error") != std::string::npos);
  CHECK(refused.body.find("set client_cert and client_key") != std::string::npos);

  // An alert about anything else may come in the middle of the work.
  Wire& other = ask(post("order"));
  refuse("tlsv1 alert internal error");
  CHECK(take(other).value("Proxy-Status").find("connection_terminated") != std::string::npos);

  // So may one on a connection that has carried a request before.
  Wire& second = ask(get());
  respond(answer("200 OK", "first"));
  CHECK(take(second).status() == 200);
  second.give(post("order"));
  world.settle();
  REQUIRE(upstream_was_dialed(4));
  refuse("tlsv13 alert certificate required");
  CHECK(take(second).value("Proxy-Status").find("connection_terminated") != std::string::npos);
}
