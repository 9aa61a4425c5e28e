#include "net/resolved_host.h"

#include <doctest/doctest.h>

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>

#include "tests/support/eventually.h"
#include "tests/support/name_server.h"
#include "tests/support/owned_loop.h"
#include "tests/support/scripted_stream.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;
using net::ResolvedHost;
using net::SocketAddresses;
using test::OwnedLoop;

namespace {

using Answer = test::NameServer::Answer;

Answer address(const char* text) {
  return net::resolve(text, 80);
}

/// 127.0.0.1 and so on.
Answer addresses_of(std::initializer_list<int> nodes) {
  SocketAddresses all;
  for (const int node : nodes) {
    all.push_back(address(("127.0.0." + std::to_string(node)).c_str())->front());
  }
  return all;
}

std::string text(const SocketAddresses& addresses) {
  std::string all;
  for (const net::SocketAddress& address : addresses) {
    const std::string one = address.text();
    all += one.substr(one.rfind('.') + 1, 1);
  }
  return all;
}

const Answer kFault = base::Error{Errc::resolve_failed, "no answer"};

net::Task<Answer> ask(ResolvedHost& name, net::Wait wait) {
  co_return co_await name.addresses(wait);
}

net::Task<Answer> ask_anew(ResolvedHost& name, net::Wait wait) {
  co_return co_await name.newer(wait);
}

net::Task<void> ask_into(ResolvedHost& name, net::Wait wait, std::optional<Answer>& answer) {
  answer = co_await name.addresses(wait);
}

struct Fixture {
  OwnedLoop owned;
  test::NameServer server;
  net::Sleeper sleeper{owned.loop()};
  ResolvedHost name{owned.loop(), server.resolver(), "api.example.com", 80};

  Answer addresses() { return owned.run(ask(name, owned.wait(sleeper))); }
  std::string order() { return text(addresses().value()); }
  void fails(int node) { name.failed(addresses_of({node})->front()); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the first request waits for the addresses, the next ones do not") {
  server.says(address("127.0.0.1"));
  CHECK(addresses().value().front().text() == "127.0.0.1:80");
  net::Task<Answer> second = ask(name, owned.wait(sleeper));
  second.start();
  CHECK(second.done());
  CHECK(server.asked() == 1);
}

TEST_CASE_FIXTURE(Fixture, "those who wait together ask once") {
  server.says(address("127.0.0.1"));
  net::Sleeper other(owned.loop());
  net::Task<Answer> first = ask(name, owned.wait(other));
  first.start();
  addresses();
  owned.turn();
  CHECK(first.done());
  CHECK(server.asked() == 1);
}

TEST_CASE_FIXTURE(Fixture, "what is known is asked again in the background after 30 s") {
  server.says(address("127.0.0.1"));
  addresses();
  const net::SocketAddress old = address("127.0.0.1")->front();
  CHECK(name.has(old));
  server.says(address("127.0.0.2"));
  owned.advance(30s - 1ns);
  name.refresh();
  CHECK(server.asked() == 1);
  owned.advance(1ns);
  name.refresh();
  CHECK(name.has(old));  // until the answer is there
  server.settle(owned);
  CHECK(server.asked() == 2);
  CHECK_FALSE(name.has(old));
  CHECK(name.has(address("127.0.0.2")->front()));
}

TEST_CASE_FIXTURE(Fixture, "a name server's fault leaves what is known, and is not asked at once") {
  server.says(address("127.0.0.1"));
  addresses();
  server.says(kFault);
  owned.advance(30s);
  name.refresh();
  server.settle(owned);
  CHECK(name.has(address("127.0.0.1")->front()));
  name.refresh();
  server.settle(owned);
  CHECK(server.asked() == 2);
}

TEST_CASE_FIXTURE(Fixture, "an address that failed comes last") {
  server.says(addresses_of({1, 2, 3}));
  CHECK(order() == "123");
  fails(1);
  CHECK(order() == "231");
  fails(1);
  CHECK(order() == "231");
  fails(2);
  CHECK(order() == "312");
  fails(4);  // which an earlier answer had
  CHECK(order() == "312");
}

TEST_CASE_FIXTURE(Fixture, "a newer answer leaves those that failed last, for 5 min") {
  server.says(addresses_of({1, 2, 3, 4}));
  addresses();
  fails(3);
  fails(1);
  struct Case {
    base::Duration after;
    Answer answer;
    std::string order;
  };
  for (const Case& c :
       {Case{30s, addresses_of({1, 2, 3, 4}), "2431"},
        Case{60s, addresses_of({4, 5, 1, 2}), "4521"}, Case{3min, addresses_of({1, 2, 4}), "241"},
        Case{30s, addresses_of({1, 2, 4}), "124"}}) {
    CAPTURE(c.order);
    server.says(c.answer);
    owned.advance(c.after);
    name.refresh();
    server.settle(owned);
    CHECK(order() == c.order);
  }
}

TEST_CASE_FIXTURE(Fixture, "where all have failed, a newer answer's order is as good as any") {
  server.says(addresses_of({1, 2, 3}));
  addresses();
  for (const int node : {2, 1, 3}) fails(node);
  CHECK(order() == "213");
  fails(2);
  CHECK(order() == "132");
  owned.advance(30s);
  name.refresh();
  server.settle(owned);
  CHECK(order() == "132");
}

TEST_CASE_FIXTURE(Fixture,
                  "a failed first lookup is each waiter's error, and asked again by the next") {
  server.says(kFault);
  for (int time = 1; time <= 2; ++time) {
    const Answer answer = addresses();
    REQUIRE(answer.has_error());
    CHECK(answer.error().code == Errc::resolve_failed);
    CHECK(answer.error().detail == "no answer");
    CHECK(server.asked() == time);
  }
}

TEST_CASE_FIXTURE(Fixture, "a wait for an answer ends in time, and when its client leaves") {
  server.says(address("127.0.0.1"));
  test::ScriptedStream client;
  struct Case {
    bool leaves;
    Errc code;
  };
  for (const Case& c : {Case{false, Errc::connect_timeout}, Case{true, Errc::client_left}}) {
    // The answer goes to a loop that does not turn.
    net::Loop deaf(owned.clock());
    net::Sleeper there(owned.loop());
    ResolvedHost unheard(deaf, server.resolver(), "api.example.com", 80);
    std::optional<Answer> answer;
    net::Task<void> asked = ask_into(unheard, {there, owned.now() + 5s, &client}, answer);
    asked.start();
    if (c.leaves) client.then(test::ScriptedStream::Status::ended);
    owned.advance(5s);
    server.settle(owned);
    REQUIRE(answer.has_value());
    CHECK(answer->error().code == c.code);
  }
}

TEST_CASE_FIXTURE(Fixture, "what is known is waited for again once it is older than 5 min") {
  server.says(addresses_of({1}));
  CHECK(order() == "1");
  server.says(addresses_of({2}));
  owned.advance(5min);
  CHECK(order() == "2");
  server.says(kFault);
  owned.advance(5min);
  CHECK(order() == "2");
  CHECK(server.asked() == 3);
}

TEST_CASE_FIXTURE(Fixture, "where something is known, a question is waited for for 1 s") {
  server.says(addresses_of({1}));
  addresses();
  owned.advance(5min);
  server.hangs(true);
  std::optional<Answer> answer, second, third;
  net::Task<void> asked = ask_into(name, owned.wait(sleeper), answer);
  asked.start();
  owned.advance(400ms);
  net::Sleeper there(owned.loop());
  net::Task<void> later = ask_into(name, {there, owned.now() + 599ms}, second);
  later.start();
  owned.advance(599ms);
  CHECK_FALSE(answer.has_value());
  REQUIRE(second.has_value());  // whose own time is over
  CHECK(text(second->value()) == "1");
  owned.advance(1ms);
  REQUIRE(answer.has_value());
  CHECK(text(answer->value()) == "1");
  net::Task<void> latest = ask_into(name, owned.wait(sleeper), third);
  latest.start();
  owned.turn();
  REQUIRE(third.has_value());
  CHECK(text(third->value()) == "1");
  CHECK(test::eventually([this] { return server.asked() == 2; }));
}

TEST_CASE_FIXTURE(Fixture, "a client that leaves while an old name is asked again ends the wait") {
  server.says(addresses_of({1}));
  addresses();
  owned.advance(5min);
  server.hangs(true);
  test::ScriptedStream client;
  client.set_waiter(&sleeper);
  std::optional<Answer> answer;
  net::Task<void> asked = ask_into(name, {sleeper, base::kNever, &client}, answer);
  asked.start();
  CHECK_FALSE(answer.has_value());
  client.then(test::ScriptedStream::Status::ended);
  owned.turn();
  REQUIRE(answer.has_value());
  CHECK(answer->error().code == Errc::client_left);
}

TEST_CASE_FIXTURE(Fixture,
                  "after failures a name is asked again, if the answer is older than 1 s") {
  server.says(addresses_of({1}));
  addresses();
  server.says(addresses_of({2}));
  owned.advance(1s - 1ns);
  CHECK(text(owned.run(ask_anew(name, owned.wait(sleeper))).value()) == "1");
  CHECK(server.asked() == 1);
  owned.advance(1ns);
  CHECK(text(owned.run(ask_anew(name, owned.wait(sleeper))).value()) == "2");
  CHECK(server.asked() == 2);
}

TEST_CASE("an answer that comes after the name's end finds nobody") {
  OwnedLoop owned;
  test::NameServer server;
  server.says(address("127.0.0.1"));
  {
    ResolvedHost name(owned.loop(), server.resolver(), "api.example.com", 80);
    name.refresh();
  }
  server.settle(owned);
  CHECK(server.asked() == 1);
}
