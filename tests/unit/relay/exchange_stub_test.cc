// A client's own token request, answered with a placeholder, within a whole exchange.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/support/observations.h"
#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"
#include "tests/unit/relay/exchange_fixture.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::exchanging;

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
