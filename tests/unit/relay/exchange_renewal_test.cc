// Tokens that the API refuses, or takes late, in whole exchanges.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"
#include "tests/unit/relay/exchange_fixture.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::exchanging;

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

TEST_CASE_FIXTURE(Fixture,
                  "a second 401 is relayed at once, and says that the credential is at fault") {
  world.tokens.issue_when_rejected({"two", "three"});
  Wire& client = ask(post("{\"order\":2}"));
  respond(answer("401 Unauthorized", "no"));
  respond(answer("401 Unauthorized", "still no"));
  const RawMessage response = take(client);
  CHECK(response.status() == 401);
  CHECK(response.body == "still no");
  CHECK(response.has("Bearer-Proxy-Attempts: 2"));
  CHECK(world.tokens.rejects() == 1);
  CHECK(world.tokens.replays() == std::vector<bool>{false});
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
