// Loops that take clients in turn, and make room for each other's newcomers.
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "relay/sessions.h"
#include "tests/support/raw_message.h"
#include "tests/unit/relay/sessions_fixture.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::sessions;
using test::RawSocket;

namespace {

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
  /// Fills the other loop with such clients.
  std::vector<RawSocket> busy_clients_there() {
    deal_out_to({&other});
    std::vector<RawSocket> busy;
    for (int i = 0; i < 3; ++i) {
      busy.push_back(connect());
      busy.back().send(kOwnAnswer.substr(0, 9));
      settle_both();
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

/// A third one, with room for two.
struct ThreeLoops : TwoLoops {
  ThreeLoops() { serve(third, {}); }
  void settle_all() {
    for (int i = 0; i < 4; ++i) {
      settle_both();
      third.loop().stop();
      third.loop().run();
    }
  }

  relay::Sessions third{{.clock = clock,
                         .observer = seen,
                         .registry = registry,
                         .random = std::make_unique<base::JitterRandom>(3),
                         .clients_max = 2,
                         .drained = [] {},
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
  std::vector<RawSocket> there_too = busy_clients_there();
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
  there_too[0].send(kOwnAnswer.substr(9));
  settle_both();
  for (RawSocket* client : {&busy[0], &there_too[0]}) {
    CHECK(test::read_message(*client).status() == 405);
    CHECK(client->quiet());
  }
}

TEST_CASE_FIXTURE(TwoLoops, "while all loops are full and busy a newcomer waits") {
  const std::vector<RawSocket> busy = busy_clients();
  std::vector<RawSocket> there_too = busy_clients_there();
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

TEST_CASE_FIXTURE(ThreeLoops, "a full loop asks each of the others for room, one after the other") {
  const std::vector<RawSocket> busy = busy_clients();
  std::vector<RawSocket> there_too = busy_clients_there();
  deal_out_to({&third});
  const RawSocket idle[] = {connect(), connect()};
  settle_all();
  REQUIRE(third.clients() == 2);
  deal_out_to({&sessions, &other, &third});
  RawSocket newcomer = connect();
  newcomer.send(kOwnAnswer);
  for (int looks = 0; looks < 12; ++looks) {
    settle_all();
    clock.advance(250ms);
  }
  CHECK_FALSE(newcomer.quiet());
  CHECK(third.clients() == 2);
  CHECK(sessions.clients() == 2);
  CHECK(other.clients() == 3);
}
