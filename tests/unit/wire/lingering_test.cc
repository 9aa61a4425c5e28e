#include "wire/lingering.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "tests/support/owned_loop.h"
#include "tests/support/scripted_stream.h"

using namespace bearer;
using namespace std::chrono_literals;
using test::ScriptedStream;

namespace {

struct Fixture {
  Fixture() {
    stream.set_waiter(&sleeper);
    task = wire::linger(stream, sleeper, piece, patience);
    task.start();
  }

  test::OwnedLoop owned;
  ScriptedStream stream;
  net::Sleeper sleeper{owned.loop()};
  std::array<char, 64> piece{};
  wire::Patience patience{owned.loop(), {.time_max = 20s, .silence_max = 3s, .bytes_max = 150}};
  net::Task<void> task;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "our side ends at once, and the client's whenever it likes") {
  CHECK(stream.shut_down());
  owned.turn();
  CHECK_FALSE(task.done());
  stream.then(ScriptedStream::Status::ended);
  owned.turn();
  CHECK(task.done());
}

TEST_CASE_FIXTURE(Fixture, "a client that is silent for too long is let go") {
  owned.advance(2s);
  stream.give("x");
  owned.turn();
  owned.advance(2s);
  CHECK_FALSE(task.done());
  owned.advance(1s);
  CHECK(task.done());
}

TEST_CASE_FIXTURE(Fixture, "a client that never stops sending is let go in the end") {
  for (int i = 0; i < 9; ++i) {
    CHECK_FALSE(task.done());
    stream.give("x");
    owned.advance(2s);
  }
  stream.give("x");
  owned.advance(2s);
  CHECK(task.done());
}

TEST_CASE_FIXTURE(Fixture, "no more than a piece is taken in a turn, and no more than is allowed") {
  stream.give(std::string(200, 'x'));
  owned.turn();
  CHECK(stream.largest_read() == 64);
  CHECK_FALSE(task.done());
  owned.turn();
  owned.turn();
  CHECK(task.done());
}

TEST_CASE_FIXTURE(Fixture, "patience can be shortened and not lengthened") {
  patience.shorten(1s);
  patience.shorten(10s);
  CHECK(patience.ends() == owned.now() + 1s);
}
