// The data plane with the real refresher of a token, on one clock that the test owns.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/integration/relay/stage.h"
#include "tests/support/owned_time.h"
#include "tests/support/scripted_fetcher.h"
#include "token/refresh/token_refresher.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

struct IdleTimer final : token::Observer {
  void fetched(const token::Fetched&, std::uint64_t, base::Duration, base::Duration) override {}
  void failed(const base::Error&, base::Duration) override {}
  void forced(std::uint64_t) override {}
  void held_off(std::uint64_t, base::Duration) override {}
  void hold_off_ended() override {}
};

std::unique_ptr<token::TokenRefresher> refresher_of(FetchScript& script, OwnedTime& time) {
  return std::make_unique<token::TokenRefresher>(
      120s, time.loop(),
      token::TokenRefresher::Parts{
          .fetcher = std::make_unique<ScriptedFetcher>(script, time.loop()),
          .random = std::make_unique<base::JitterRandom>(1),
          .observer = std::make_unique<IdleTimer>(),
          .source = "https://login.example.com"});
}

}  // namespace

TEST_CASE("200 first requests at once cost one token request") {
  constexpr int kClients = 200;
  OwnedTime time;
  FetchScript script;
  script.answer({"first", 1h});
  script.hold();
  const std::unique_ptr<token::TokenRefresher> refresher = refresher_of(script, time);
  Stage stage(*refresher, time);
  std::vector<RawSocket> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(stage.client());
    clients.back().send(get());
  }
  script.await_fetch(1);
  stage.settle();
  CHECK(stage.upstream.quiet());
  script.release();
  std::vector<RawSocket> connections;  // kept, so that each request takes one of its own
  for (int i = 0; i < kClients; ++i) {
    connections.push_back(stage.upstream.accept());
    CHECK(read_message(connections.back()).has("Authorization: Bearer first"));
  }
  for (RawSocket& connection : connections) connection.send(answer("200 OK"));
  for (RawSocket& client : clients) CHECK(read_message(client).status() == 200);
  CHECK(script.fetches() == 1);
}

TEST_CASE(
    "a 503 while the first token is being fetched says who has not answered, and for how long") {
  OwnedTime time;
  FetchScript script;
  script.answer({"late", 1h});
  script.hold();
  const std::unique_ptr<token::TokenRefresher> refresher = refresher_of(script, time);
  Stage stage(*refresher, time);
  script.await_fetch(1);
  time.move_on(2s);
  RawSocket client = stage.client();
  client.send(get());
  stage.settle();
  time.move_on(10s);
  stage.settle();
  const RawMessage response = read_message(client);
  CHECK(response.status() == 503);
  CHECK(response.value("Retry-After") == "1");
  const std::string detail = "https://login.example.com was asked for a token 12 s ago";
  CHECK(response.body.find("\"detail\":\"" + detail) != std::string::npos);
  CHECK(response.value("Proxy-Status").find("details=\"" + detail) != std::string::npos);
  script.release();
  stage.settle();
}

TEST_CASE("401s to 50 requests at once cost one more, and every replay has the new token") {
  constexpr int kClients = 50;
  OwnedTime time;
  FetchScript script;
  script.answer({"stale", 1h});
  script.answer({"fresh", 1h});
  const std::unique_ptr<token::TokenRefresher> refresher = refresher_of(script, time);
  Stage stage(*refresher, time);
  std::vector<RawSocket> clients, connections;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(stage.client());
    clients.back().send(get());
    connections.push_back(stage.upstream.accept());
    CHECK(read_message(connections.back()).has("Authorization: Bearer stale"));
  }
  for (RawSocket& connection : connections) connection.send(answer("401 Unauthorized"));
  for (RawSocket& connection : connections) {
    CHECK(read_message(connection).has("Authorization: Bearer fresh"));
    connection.send(answer("200 OK"));
  }
  for (RawSocket& client : clients) CHECK(read_message(client).status() == 200);
  CHECK(script.fetches() == 2);
}

TEST_CASE("after a replay that failed too, a 401 costs no token request for a second") {
  OwnedTime time;
  FetchScript script;
  for (const char* value : {"one", "two", "three"}) script.answer({value, 1h});
  const std::unique_ptr<token::TokenRefresher> refresher = refresher_of(script, time);
  Stage stage(*refresher, time);
  RawSocket client = stage.client();
  RawSocket upstream = [&] {
    client.send(get());
    return stage.upstream.accept();
  }();
  const auto refuse = [&](const char* token) {
    CHECK(read_message(upstream).has("Authorization: Bearer " + std::string(token)));
    upstream.send(answer("401 Unauthorized"));
  };
  refuse("one");
  refuse("two");
  CHECK(read_message(client).status() == 401);
  client.send(get());
  refuse("two");
  CHECK(read_message(client).status() == 401);
  CHECK(script.fetches() == 2);
  time.advance(1s);
  stage.settle();
  client.send(get());
  refuse("two");
  CHECK(read_message(upstream).has("Authorization: Bearer three"));
  upstream.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
  CHECK(script.fetches() == 3);
}
