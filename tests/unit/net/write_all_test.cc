#include "net/write_all.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>

#include "tests/support/owned_loop.h"
#include "tests/support/scripted_stream.h"

using namespace bearer;
using namespace std::chrono_literals;
using net::Written;
using test::OwnedLoop;
using test::ScriptedStream;

namespace {

struct Fixture {
  Fixture() { stream.set_waiter(&sleeper); }
  /// Writes `text`, for the sake of `beneficiary`, at most 5 s.
  void begin() {
    task = write({sleeper, owned.now() + 5s, &cancel_on});
    task.start();
  }
  net::Task<void> write(net::Wait wait) { written = co_await net::write_all(stream, wait, text); }

  const std::string text = "GET / HTTP/1.1";
  OwnedLoop owned;
  net::Sleeper sleeper{owned.loop()};
  ScriptedStream stream, cancel_on;
  std::optional<Written> written;
  net::Task<void> task;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what a stream takes in parts arrives whole") {
  stream.take_only(3);
  begin();
  CHECK_FALSE(written.has_value());
  stream.take_only(4);
  owned.turn();
  CHECK_FALSE(written.has_value());
  stream.take_only(ScriptedStream::kUnlimited);
  owned.turn();
  CHECK(written == Written::whole);
  CHECK(stream.written() == text);
}

TEST_CASE_FIXTURE(Fixture, "a connection that breaks ends it") {
  stream.take_only(3);
  begin();
  stream.fail_writes();
  owned.turn();
  CHECK(written == Written::broken);
}

TEST_CASE_FIXTURE(Fixture, "its time ends it") {
  stream.take_only(3);
  begin();
  owned.advance(5s - 1ns);
  CHECK_FALSE(written.has_value());
  owned.advance(1ns);
  CHECK(written == Written::late);
}

TEST_CASE_FIXTURE(Fixture, "it ends with the one for whom it is written") {
  stream.take_only(3);
  begin();
  cancel_on.then(ScriptedStream::Status::ended);
  sleeper.wake();
  owned.turn();
  CHECK(written == Written::left);
}
