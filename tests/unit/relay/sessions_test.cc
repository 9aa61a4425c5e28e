#include "relay/sessions.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "net/listener.h"
#include "tests/support/no_descriptors.h"
#include "tests/support/observations.h"
#include "tests/support/owned_clock.h"
#include "tests/support/raw_message.h"
#include "tests/support/scripted_source.h"
#include "tests/support/still_dialer.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/relay/relaying.h"

using namespace bearer;
using namespace std::chrono_literals;
using test::RawSocket;

namespace {

/// Counts how often no client could be taken, the answers of our own, and the peers that are
/// refused.
class Complaints final : public test::Observations {
 public:
  void accepting_failed(int, base::Instant) override { ++count; }
  void replied(const relay::Request&, const relay::LocalReply&, base::Instant) override {
    ++replies;
  }
  void peer_refused(const net::Peer& peer, base::Instant) override { refused.push_back(peer.uid); }
  void no_place(std::size_t, base::Instant) override { ++full; }
  int count = 0, replies = 0, full = 0;
  std::vector<unsigned> refused;
};

const std::string kOwnAnswer = "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A loop with room for two clients, whose loop the test turns.
struct Fixture {
  Fixture() {
    serve({});
    sessions.listen_on(listeners.front().fd());
  }
  /// From now on those users; none named: any.
  void serve(std::vector<unsigned> uids) { serve(sessions, std::move(uids)); }
  void serve(relay::Sessions& by, std::vector<unsigned> uids) {
    const auto tokens = std::make_shared<test::ScriptedSource>(clock);
    tokens->issue("one");
    std::vector<relay::RouteOptions> routes{relay::test::route("/", "http://api.example.com")};
    relay::ServiceOptions options;
    options.allowed_uids = std::move(uids);
    auto snapshot = std::make_shared<relay::Snapshot>(options, std::move(routes),
                                                      relay::TokenSources{{"default", tokens}});
    std::vector<std::unique_ptr<net::Dialer>> dialers;
    dialers.push_back(std::make_unique<test::StillDialer>());
    by.apply(
        std::make_shared<relay::LoopRoutes>(snapshot, std::move(dialers), registry, by.loop()));
  }
  RawSocket connect() { return RawSocket::connect(listeners.front().address().port()); }
  void turn() {
    sessions.loop().stop();
    sessions.loop().run();
  }
  /// A client's end is seen in one turn, buried in the next, and heard of at the door in another.
  void settle() {
    for (int i = 0; i < 4; ++i) turn();
  }

  test::OwnedClock clock;
  Complaints seen;
  int drained = 0;
  std::vector<net::Listener> listeners = net::Listener::open(net::Address{"127.0.0.1", 0}).value();
  relay::CounterRegistry registry;
  relay::Siblings siblings{{&sessions}};
  relay::Sessions sessions{{.clock = clock,
                            .observer = seen,
                            .registry = registry,
                            .random = std::make_unique<base::JitterRandom>(1),
                            .clients_max = 2,
                            .drained = [this] { ++drained; },
                            .siblings = &siblings}};
};

/// The same, with a unix socket beside its port.
struct UnixFixture : Fixture {
  UnixFixture() { sessions.listen_on(door.front().fd()); }
  RawSocket connect_as_user() const { return RawSocket::connect_to_path(path); }

  const unsigned self = geteuid(), other = self + 1;
  const test::TemporaryDirectory folder;
  const std::string path = folder.path("http.sock");
  std::vector<net::Listener> door = net::Listener::open(net::Address{"", 0, path}).value();
};

/// A second loop beside that one, with room for three.
struct TwoLoops : Fixture {
  TwoLoops() { serve(other, {}); }
  /// From now on those take the newcomers in turn.
  void deal_out_to(std::vector<relay::Sessions*> loops) {
    siblings.all = std::move(loops);
    siblings.next_turn = 0;
  }
  /// Fills this loop with clients that are in the middle of a request.
  std::vector<RawSocket> busy_clients() {
    std::vector<RawSocket> busy;
    for (int i = 0; i < 2; ++i) {
      busy.push_back(connect());
      busy.back().send(kOwnAnswer.substr(0, 9));
      turn();
    }
    return busy;
  }
  void settle_both() {
    for (int i = 0; i < 4; ++i) {
      turn();
      other.loop().stop();
      other.loop().run();
    }
  }

  int there = 0;
  relay::Sessions other{{.clock = clock,
                         .observer = seen,
                         .registry = registry,
                         .random = std::make_unique<base::JitterRandom>(2),
                         .clients_max = 3,
                         .drained = [this] { ++there; },
                         .siblings = &siblings}};
};

}  // namespace

TEST_CASE_FIXTURE(TwoLoops, "newcomers are dealt out to the loops in turn") {
  deal_out_to({&other, &sessions});
  std::vector<RawSocket> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(connect());
  settle_both();
  CHECK(sessions.clients() == 2);
  CHECK(other.clients() == 2);
  for (RawSocket& client : clients) client.send("\x01\r\n\r\n");
  settle_both();
  for (RawSocket& client : clients) CHECK(test::read_message(client).status() == 400);
}

TEST_CASE_FIXTURE(TwoLoops, "a loop that is full, or takes nobody in any more, leaves newcomers") {
  deal_out_to({&other});
  std::vector<RawSocket> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(connect());
  turn();  // all are on their way before one of them is there
  settle_both();
  CHECK(other.clients() == 3);
  CHECK(sessions.clients() == 1);
  clients.clear();
  settle_both();
  other.drain();
  clients.push_back(connect());
  settle_both();
  CHECK(other.clients() == 0);
  CHECK(sessions.clients() == 1);
}

TEST_CASE_FIXTURE(TwoLoops, "a newcomer to a full loop goes to one that has room") {
  const std::vector<RawSocket> busy = busy_clients();
  REQUIRE(sessions.full());
  deal_out_to({&sessions, &other});
  std::vector<RawSocket> newcomers;
  for (int i = 0; i < 3; ++i) {
    newcomers.push_back(connect());
    newcomers.back().send(kOwnAnswer);
  }
  settle_both();
  CHECK(other.clients() == 3);
  CHECK(sessions.clients() == 2);
  for (RawSocket& newcomer : newcomers) CHECK(test::read_message(newcomer).status() == 405);
  CHECK(seen.full == 0);
}

TEST_CASE_FIXTURE(TwoLoops, "no idle client makes room while another loop has some") {
  RawSocket first = connect(), second = connect();
  settle();
  REQUIRE(sessions.full());
  deal_out_to({&sessions, &other});
  RawSocket third = connect();
  settle_both();
  CHECK(first.quiet());
  CHECK(second.quiet());
  CHECK(sessions.clients() == 2);
  CHECK(other.clients() == 1);
}

TEST_CASE_FIXTURE(TwoLoops, "where all loops are full an idle client of another one makes room") {
  const std::vector<RawSocket> busy = busy_clients();
  deal_out_to({&other});
  std::vector<RawSocket> idle;
  for (int i = 0; i < 3; ++i) {
    idle.push_back(connect());
    settle_both();
    clock.advance(1s);
  }
  REQUIRE(other.full());
  deal_out_to({&sessions, &other});
  RawSocket newcomer = connect();
  newcomer.send(kOwnAnswer);
  settle_both();
  clock.advance(60ms);  // this loop looks again
  settle_both();
  CHECK(idle[0].await_end() == RawSocket::End::closed);
  CHECK(test::read_message(newcomer).status() == 405);
  CHECK(idle[1].quiet());
  CHECK(idle[2].quiet());
  CHECK(sessions.clients() == 2);
  CHECK(other.clients() == 3);
}

TEST_CASE_FIXTURE(TwoLoops, "a newcomer who has a place sends nobody away on any loop") {
  std::vector<RawSocket> busy = busy_clients();
  deal_out_to({&other});
  std::vector<RawSocket> there_too;
  for (int i = 0; i < 3; ++i) {
    there_too.push_back(connect());
    there_too.back().send(kOwnAnswer.substr(0, 7));
    settle_both();
  }
  deal_out_to({&sessions, &other});
  RawSocket newcomer = connect();
  settle_both();
  REQUIRE(*sessions.context().place_wanted);
  REQUIRE(*other.context().place_wanted);
  busy[1].close();
  settle_both();
  CHECK(sessions.clients() == 2);
  CHECK(newcomer.quiet());
  busy[0].send(kOwnAnswer.substr(9));
  there_too[0].send(kOwnAnswer.substr(7));
  settle_both();
  for (RawSocket* client : {&busy[0], &there_too[0]}) {
    CHECK(test::read_message(*client).status() == 405);
    CHECK(client->quiet());
  }
}

TEST_CASE_FIXTURE(TwoLoops, "while all loops are full and busy a newcomer waits") {
  const std::vector<RawSocket> busy = busy_clients();
  deal_out_to({&other});
  std::vector<RawSocket> there_too;
  for (int i = 0; i < 3; ++i) {
    there_too.push_back(connect());
    there_too.back().send(kOwnAnswer.substr(0, 11));
    settle_both();
  }
  deal_out_to({&sessions, &other});
  RawSocket newcomer = connect();
  newcomer.send(kOwnAnswer);
  settle_both();
  CHECK(seen.full >= 1);
  CHECK(newcomer.quiet());
  CHECK(sessions.clients() == 2);
  CHECK(other.clients() == 3);
}

TEST_CASE_FIXTURE(TwoLoops, "a drain is not over while a client is on its way") {
  deal_out_to({&other});
  RawSocket client = connect();
  turn();
  REQUIRE(sessions.clients() == 0);
  client.send("\x01\r\n\r\n");
  other.drain();
  CHECK(there == 0);
  settle_both();
  CHECK(test::read_message(client).status() == 400);
  client.close();
  settle_both();
  CHECK(there == 1);
}

TEST_CASE_FIXTURE(Fixture, "a client past the limit is taken once another has left") {
  std::vector<RawSocket> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(connect());
    clients.back().send("G");  // an idle one would make room
  }
  settle();
  CHECK(sessions.clients() == 2);
  CHECK(sessions.full());
  for (std::size_t left = 0; left < 2; ++left) {
    clients[left].close();
    settle();
    CHECK(sessions.clients() == 2);
  }
  // They are served: what is no request gets its answer.
  clients[3].send("\x01\r\n\r\n");
  turn();
  CHECK(test::read_message(clients[3]).status() == 400);
}

TEST_CASE_FIXTURE(Fixture,
                  "the client that is idle for the longest time makes room for a new one") {
  RawSocket first = connect(), second = connect();
  for (RawSocket* client : {&first, &second}) {
    client->send(kOwnAnswer);
    settle();
    CHECK(test::read_message(*client).status() == 405);
    clock.advance(1s);
  }
  first.send(kOwnAnswer);  // so the second is idle for the longer time now
  settle();
  CHECK(test::read_message(first).status() == 405);
  RawSocket third = connect();
  third.send(kOwnAnswer);
  settle();
  settle();
  CHECK(second.await_end() == RawSocket::End::closed);
  CHECK(test::read_message(third).status() == 405);
  CHECK(first.quiet());
  CHECK(seen.full == 0);
}

TEST_CASE_FIXTURE(Fixture, "nobody idle is let go while nobody waits for a place") {
  RawSocket first = connect(), second = connect();
  settle();
  CHECK(sessions.full());
  clock.advance(60s);
  settle();
  CHECK(first.quiet());
  CHECK(second.quiet());
}

TEST_CASE_FIXTURE(Fixture, "while all are busy a new one waits for the first that is done") {
  const std::string half = kOwnAnswer.substr(0, 12);
  RawSocket first = connect(), second = connect();
  first.send(half);
  second.send(half);
  settle();
  RawSocket third = connect();
  third.send(kOwnAnswer);
  settle();
  CHECK(seen.full >= 1);
  CHECK(third.quiet());
  second.send(kOwnAnswer.substr(half.size()));
  settle();
  settle();
  CHECK(test::read_message(second).status() == 405);  // it gets its answer first
  CHECK(second.await_end() == RawSocket::End::closed);
  CHECK(test::read_message(third).status() == 405);
  CHECK(first.quiet());
}

TEST_CASE_FIXTURE(Fixture, "whoever got a free place is not sent away for having waited") {
  RawSocket first = connect(), second = connect();
  first.send(kOwnAnswer.substr(0, 5));
  second.send(kOwnAnswer.substr(0, 5));
  settle();
  RawSocket third = connect();  // and says nothing yet
  settle();
  CHECK(seen.full >= 1);
  first.close();
  settle();
  CHECK(third.quiet());
  third.send(kOwnAnswer);
  settle();
  CHECK(test::read_message(third).status() == 405);
}

TEST_CASE_FIXTURE(Fixture,
                  "where no client can be taken it is said, and tried again after a while") {
  RawSocket client = connect();
  {
    const test::NoDescriptors none;
    turn();
    CHECK(seen.count == 1);
    turn();
    CHECK(seen.count == 1);  // nothing has changed: the loop does not spin
  }
  clock.advance(100ms);
  turn();
  CHECK(sessions.clients() == 1);
  CHECK(seen.count == 1);
}

TEST_CASE_FIXTURE(Fixture, "a drain lets idle clients go, and says once that nobody is left") {
  RawSocket early = connect();
  turn();
  RawSocket late = connect();  // in the accept queue
  sessions.drain();
  CHECK(sessions.context().draining);
  settle();
  CHECK(early.await_end() == RawSocket::End::closed);
  CHECK(late.await_end() == RawSocket::End::closed);
  CHECK(sessions.clients() == 0);
  CHECK(drained == 1);
}

TEST_CASE_FIXTURE(Fixture, "who sends many requests at once does not keep the others waiting") {
  constexpr int kRequests = 500;
  std::string crowd;
  for (int i = 0; i < kRequests; ++i) crowd += "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  RawSocket greedy = connect();
  greedy.send(crowd);
  RawSocket modest = connect();
  modest.send("TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  int turns = 0;
  for (; seen.replies < kRequests + 1; ++turns) {
    REQUIRE(turns < kRequests);
    turn();
  }
  CHECK(turns >= kRequests / 20);
}

TEST_CASE_FIXTURE(UnixFixture, "a user who may no longer be served is let go while idle") {
  RawSocket client = connect_as_user();
  client.send(kOwnAnswer);
  settle();
  CHECK(test::read_message(client).status() == 405);
  serve({self, other});
  settle();
  CHECK(client.quiet());
  serve({other});
  settle();
  CHECK(client.await_end() == RawSocket::End::closed);
  CHECK(seen.refused == std::vector{self});
  CHECK(sessions.clients() == 0);
}

TEST_CASE_FIXTURE(UnixFixture,
                  "who came to a port before users were named is asked for when they are") {
  RawSocket client = connect();
  client.send(kOwnAnswer);
  settle();
  CHECK(test::read_message(client).status() == 405);
  serve({self});
  client.send(kOwnAnswer);
  settle();
  CHECK(test::read_message(client).status() == 405);
  serve({other});
  settle();
  CHECK(client.await_end() == RawSocket::End::closed);
  CHECK(seen.refused == std::vector{self});
}

TEST_CASE_FIXTURE(UnixFixture, "a port's client of another user gets not a byte") {
  serve({other});
  RawSocket client = connect();
  client.send(kOwnAnswer);
  settle();
  CHECK_THROWS(client.read_bytes(1));
  CHECK(seen.replies == 0);
  CHECK(seen.refused == std::vector{self});
}

TEST_CASE_FIXTURE(UnixFixture, "one that sent its request and ended is nobody's, also not root's") {
  serve({0, self});
  RawSocket client = connect();
  client.send(kOwnAnswer);
  client.close();
  settle();
  CHECK(seen.replies == 0);
  CHECK(seen.refused.size() == 1);
}

TEST_CASE_FIXTURE(UnixFixture, "a request of a user who may no longer be served is not begun") {
  RawSocket partly = connect_as_user();
  RawSocket meanwhile = connect_as_user();
  partly.send(kOwnAnswer.substr(0, 10));
  turn();
  meanwhile.send(kOwnAnswer);  // the loop has not heard of it yet
  serve({other});
  settle();
  CHECK_FALSE(partly.try_send(kOwnAnswer.substr(10)));
  CHECK(seen.replies == 0);
  CHECK(sessions.clients() == 0);
  CHECK(seen.refused == std::vector{self, self});
}

TEST_CASE_FIXTURE(UnixFixture, "what is under way for a user who may no longer be served may end") {
  RawSocket client = connect_as_user();
  client.send(test::get());
  settle();
  serve({other});
  settle();
  CHECK(client.quiet());
  CHECK(sessions.clients() == 1);
  CHECK(seen.refused.empty());
}
