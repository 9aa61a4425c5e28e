#include "relay/sessions.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

#include "net/listener.h"
#include "tests/support/no_descriptors.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/relay/sessions_fixture.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::sessions;
using test::RawSocket;

namespace {

/// The same, with a unix socket beside its port.
struct UnixFixture : Fixture {
  UnixFixture() { sessions.listen_on(door.front().fd()); }
  RawSocket connect_as_user() const { return RawSocket::connect_to_path(path); }

  const unsigned self = geteuid(), other = self + 1;
  const test::TemporaryDirectory folder;
  const std::string path = folder.path("http.sock");
  std::vector<net::Listener> door = net::Listener::open(net::Address{"", 0, path}).value();
};

}  // namespace

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

TEST_CASE_FIXTURE(Fixture, "a client that has just connected keeps its place until it has asked") {
  RawSocket first = connect(), second = connect();
  settle();
  RawSocket newcomer = connect();
  newcomer.send(kOwnAnswer);
  for (int i = 0; i < 5; ++i) {
    settle();
    clock.advance(100ms);
  }
  CHECK(first.quiet());
  CHECK(second.quiet());
  second.send(kOwnAnswer);
  settle();
  CHECK(test::read_message(second).status() == 405);
  CHECK(test::read_message(newcomer).status() == 405);
  CHECK(first.quiet());
}

TEST_CASE_FIXTURE(Fixture,
                  "a client that has connected and says nothing makes room after a second") {
  RawSocket first = connect(), second = connect();
  settle();
  RawSocket newcomer = connect();
  newcomer.send(kOwnAnswer);
  for (int i = 0; i < 12; ++i) {
    settle();
    clock.advance(100ms);
  }
  CHECK_FALSE(first.quiet());
  CHECK(second.quiet());
  CHECK(test::read_message(newcomer).status() == 405);
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

TEST_CASE_FIXTURE(Fixture,
                  "who may still send after an answer has 2 s where a newcomer waits, not 5") {
  RawSocket busy = connect();
  busy.send(kOwnAnswer.substr(0, 9));
  for (const char* more : {"Content-Length: 70\r\n\r\nhalf", "Connection: close\r\n\r\n"}) {
    CAPTURE(more);
    RawSocket lingering = connect();
    lingering.send(kOwnAnswer.substr(0, kOwnAnswer.size() - 2) + more);
    settle();
    CHECK(test::read_message(lingering).status() == 405);
    RawSocket newcomer = connect();
    newcomer.send(kOwnAnswer);
    settle();
    CHECK(seen.full >= 1);
    clock.advance(2s - 1ns);
    settle();
    CHECK(newcomer.quiet());
    clock.advance(50ms);  // the accept loop looks so often
    settle();
    settle();
    CHECK(test::read_message(newcomer).status() == 405);
    CHECK(lingering.await_end() == RawSocket::End::closed);
    CHECK(busy.quiet());
    newcomer.close();
    settle();
    clock.advance(1s);
  }
}

TEST_CASE_FIXTURE(Fixture, "who may still send goes at once after 2 s, and nobody for nothing") {
  RawSocket busy = connect(), lingering = connect();
  busy.send(kOwnAnswer.substr(0, 9));
  lingering.send(kOwnAnswer.substr(0, kOwnAnswer.size() - 2) + "Content-Length: 70\r\n\r\nhalf");
  settle();
  CHECK(test::read_message(lingering).status() == 405);
  clock.advance(4s);
  lingering.send("more");
  settle();
  clock.advance(4s);
  settle();
  CHECK(lingering.quiet());  // nobody needs its place
  RawSocket newcomer = connect();
  newcomer.send(kOwnAnswer);
  settle();
  settle();
  CHECK(test::read_message(newcomer).status() == 405);
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
