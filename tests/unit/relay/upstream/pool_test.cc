#include "relay/upstream/pool.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "net/tcp_stream.h"
#include "tests/support/owned_loop.h"
#include "tests/support/scripted_stream.h"
#include "tests/support/still_dialer.h"

using namespace bearer;
using namespace std::chrono_literals;
using relay::UpstreamConnection;
using relay::UpstreamPool;
using test::address_of;
using test::OwnedLoop;
using test::ScriptedStream;
using test::StillDialer;

namespace {

struct Fixture {
  /// Parks a fresh connection; it can be told by its pointer.
  ScriptedStream* park(base::Duration server_keeps = base::Duration::max()) {
    auto stream = std::make_unique<ScriptedStream>();
    ScriptedStream* made = stream.get();
    pool.park({std::move(stream), address_of("127.0.0.1"), false}, server_keeps);
    return made;
  }
  /// The connection that is taken, or null.
  std::unique_ptr<net::Stream> take(bool careful = false) {
    auto connection = pool.take(careful);
    if (!connection) return nullptr;
    CHECK(connection->reused);
    return std::move(connection->stream);
  }

  OwnedLoop owned;
  StillDialer dialer;
  base::Count idle_count;
  UpstreamPool pool{owned.loop(), dialer, idle_count};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the last connection in is the first one out") {
  CHECK(take() == nullptr);
  ScriptedStream* first = park();
  ScriptedStream* second = park();
  CHECK(pool.idle() == 2);
  CHECK(take().get() == second);
  CHECK(take().get() == first);
  CHECK(take() == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "a connection is closed after 30 s idle, each at its own time") {
  park();
  owned.advance(10s);
  park();
  owned.advance(20s - 1ns);
  CHECK(pool.idle() == 2);
  owned.advance(1ns);
  CHECK(pool.idle() == 1);
  owned.advance(10s - 1ns);
  CHECK(pool.idle() == 1);
  owned.advance(1ns);
  CHECK(pool.idle() == 0);
  ScriptedStream* later = park();  // after the pool was empty
  owned.advance(29s);
  CHECK(take().get() == later);
}

TEST_CASE_FIXTURE(Fixture, "a connection is closed a second before its server would") {
  struct Case {
    base::Duration server_keeps, kept;
  };
  for (const Case& c : {Case{2s, 1s}, Case{5s, 4s}, Case{31s, 30s}, Case{60s, 30s},
                        Case{base::Duration::max(), 30s}}) {
    park(c.server_keeps);
    owned.advance(c.kept - 1ns);
    CHECK(pool.idle() == 1);
    owned.advance(1ns);
    CHECK(pool.idle() == 0);
  }
}

TEST_CASE_FIXTURE(Fixture, "one that its server keeps for a second or less is not kept") {
  for (const base::Duration server_keeps : {0s, 1s}) {
    park(server_keeps);
    CHECK(pool.idle() == 0);
  }
}

TEST_CASE_FIXTURE(Fixture, "one that may stay less long than those before it goes before them") {
  park();
  owned.turn();
  park(5s);
  park(10s);
  owned.advance(4s);
  CHECK(pool.idle() == 2);
  owned.advance(5s);
  CHECK(pool.idle() == 1);
  owned.advance(21s - 1ns);
  CHECK(pool.idle() == 1);
  owned.advance(1ns);
  CHECK(pool.idle() == 0);
}

TEST_CASE_FIXTURE(Fixture, "one whose time is up is not taken, even where it was not closed yet") {
  ScriptedStream* longer = park();
  park(5s);
  owned.turn();
  std::unique_ptr<net::Stream> taken;
  owned.loop().post([&] { taken = take(); });  // before the turn's deadlines have had their effect
  owned.advance(4s);
  CHECK(taken.get() == longer);
}

TEST_CASE_FIXTURE(Fixture, "the time begins anew each time that a connection comes back") {
  park();
  for (int i = 0; i < 5; ++i) {
    owned.advance(29s);
    auto connection = pool.take(false);
    REQUIRE(connection.has_value());
    pool.park(std::move(*connection));
  }
  CHECK(pool.idle() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a connection that its server ends goes at once") {
  ScriptedStream* ended = park();
  ScriptedStream* other = park();
  owned.turn();
  ended->then(ScriptedStream::Status::ended);
  owned.turn();
  CHECK(pool.idle() == 1);
  CHECK(take().get() == other);
}

TEST_CASE_FIXTURE(Fixture, "one that has ended, or says what nobody asked for, is not taken") {
  ScriptedStream* good = park();
  park()->then(ScriptedStream::Status::ended);
  park()->give("HTTP/1.1 408 Request Timeout\r\n");
  CHECK(take().get() == good);
  CHECK(pool.idle() == 0);
}

TEST_CASE_FIXTURE(Fixture, "one that its server ended with its answer is not kept") {
  park();
  owned.turn();
  bool closed = false;
  auto ended = std::make_unique<ScriptedStream>(closed);
  ended->then(ScriptedStream::Status::ended);
  pool.park({std::move(ended), address_of("127.0.0.1"), false});
  owned.turn();
  CHECK(closed);
  CHECK(pool.idle() == 1);
}

TEST_CASE_FIXTURE(Fixture, "the kernel is asked where a request cannot be sent again") {
  park();
  auto stream = take(false);
  CHECK_FALSE(static_cast<ScriptedStream&>(*stream).asked_kernel());
  park();
  stream = take(true);
  CHECK(static_cast<ScriptedStream&>(*stream).asked_kernel());
}

TEST_CASE_FIXTURE(Fixture, "the loop hears again where it heard of its connections long ago") {
  for (const bool ends : {false, true}) {  // or it says what nobody asked for
    CAPTURE(ends);
    std::array<int, 2> pair{-1, -1};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()) == 0);
    auto stream = net::TcpStream::open(owned.loop(), pair[0]);
    REQUIRE(stream != nullptr);
    owned.turn();
    pool.park({std::move(stream), address_of("127.0.0.1"), false});
    if (ends) shutdown(pair[1], SHUT_WR);
    if (!ends) REQUIRE(send(pair[1], "HTTP/1.1 408", 12, MSG_NOSIGNAL) == 12);
    owned.let_pass(UpstreamPool::kHeardLately);  // the turn goes on
    auto connection = pool.take(false);
    REQUIRE(connection.has_value());
    pool.park(*std::move(connection));
    owned.let_pass(1ns);
    CHECK(take() == nullptr);
    close(pair[1]);
  }
}

TEST_CASE_FIXTURE(Fixture, "a connection to where the server has left is not taken") {
  park();
  dialer.address = address_of("127.0.0.2");
  CHECK(take() == nullptr);
  CHECK(pool.idle() == 0);
}

TEST_CASE_FIXTURE(Fixture, "one that was lost takes along those that were idle when it was taken") {
  park();
  owned.advance(1s);
  park();
  auto lost = pool.take(false);
  REQUIRE(lost.has_value());
  owned.advance(1s);
  ScriptedStream* since = park();  // its server has answered in the meantime
  pool.evict_idle_peers(*lost);
  CHECK(pool.idle() == 1);
  CHECK(idle_count.value() == 1);
  CHECK(take().get() == since);
}

TEST_CASE_FIXTURE(Fixture, "one that was lost without having been idle takes none along") {
  park();
  pool.evict_idle_peers({std::make_unique<ScriptedStream>(), address_of("127.0.0.1")});
  CHECK(pool.idle() == 1);
}

TEST_CASE_FIXTURE(Fixture, "past 1024 idle connections further ones are closed") {
  for (int i = 0; i < 1024; ++i) park();
  bool closed = false;
  pool.park({std::make_unique<ScriptedStream>(closed), address_of("127.0.0.1"), false});
  CHECK(closed);
  CHECK(pool.idle() == 1024);
}
