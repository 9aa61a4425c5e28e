#include "net/outbox.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>

#include "tests/support/scripted_stream.h"

using namespace bearer;
using net::Outbox;
using net::PipePool;
using test::ScriptedStream;

TEST_CASE("a stream that takes everything leaves nothing in the outbox") {
  ScriptedStream stream;
  Outbox outbox;
  const std::array parts{net::part("one "), net::part(""), net::part("two")};
  CHECK(outbox.write(stream, parts));
  CHECK(outbox.empty());
  CHECK(outbox.sent() == 7);
  CHECK(stream.written() == "one two");
  CHECK(stream.writes() == 1);
}

TEST_CASE("what the stream does not take waits, wherever it stops") {
  for (std::size_t taken = 0; taken <= 9; ++taken) {
    CAPTURE(taken);
    ScriptedStream stream;
    stream.take_only(taken);
    Outbox outbox;
    const std::array parts{net::part("abc"), net::part("def"), net::part("ghi")};
    REQUIRE(outbox.write(stream, parts));
    CHECK(outbox.sent() == taken);
    CHECK(outbox.empty() == (taken == 9));
    CHECK(outbox.flush(stream));  // still nothing to be had
    CHECK(outbox.sent() == taken);
    stream.take_only(ScriptedStream::kUnlimited);
    CHECK(outbox.flush(stream));
    CHECK(outbox.empty());
    CHECK(outbox.sent() == 9);
    CHECK(stream.written() == "abcdefghi");
  }
}

TEST_CASE("nothing overtakes what waits already") {
  ScriptedStream stream;
  stream.take_only(0);
  Outbox outbox;
  CHECK(outbox.write(stream, "first "));
  stream.take_only(ScriptedStream::kUnlimited);
  CHECK(outbox.write(stream, "second"));
  CHECK(stream.written().empty());
  CHECK(outbox.flush(stream));
  CHECK(stream.written() == "first second");
}

TEST_CASE("a broken connection is said by write and by flush") {
  ScriptedStream broken;
  broken.fail_writes();
  Outbox outbox;
  CHECK_FALSE(outbox.write(broken, "x"));

  ScriptedStream breaks;
  breaks.take_only(0);
  CHECK(outbox.write(breaks, "x"));
  breaks.fail_writes();
  CHECK_FALSE(outbox.flush(breaks));
}

TEST_CASE("reset forgets what waits and what was counted") {
  ScriptedStream stream;
  stream.take_only(1);
  Outbox outbox;
  CHECK(outbox.write(stream, "xyz"));
  outbox.reset();
  CHECK(outbox.empty());
  CHECK(outbox.sent() == 0);
  stream.take_only(ScriptedStream::kUnlimited);
  CHECK(outbox.flush(stream));
  CHECK(stream.written() == "x");
}

namespace {

/// An outbox that was given `bytes` through a pipe.
struct Piped {
  explicit Piped(std::string_view bytes) {
    from.splice();
    to.splice();
    from.give(bytes);
    REQUIRE(outbox.fill(from, pool, 1u << 20) == bytes.size());
  }
  /// To a stream that has room for so many more bytes.
  bool flush(std::size_t room = ScriptedStream::kUnlimited) {
    to.take_only(room);
    return outbox.flush(to);
  }

  PipePool pool;
  ScriptedStream from, to;
  Outbox outbox;
};

}  // namespace

TEST_CASE("bytes go through a pipe as far as the stream takes them, and count once it has") {
  Piped piped("0123456789");
  CHECK_FALSE(piped.outbox.empty());
  CHECK(piped.outbox.sent() == 0);
  CHECK(piped.flush(4));
  CHECK(piped.outbox.sent() == 4);
  CHECK_FALSE(piped.outbox.empty());
  CHECK(piped.flush());
  CHECK(piped.outbox.empty());
  CHECK(piped.outbox.sent() == 10);
  CHECK(piped.to.written() == "0123456789");
  CHECK(piped.to.drained() == 10);
}

TEST_CASE("what is written behind a pipe that is not empty stays behind it") {
  Piped piped("piped ");
  CHECK(piped.flush(2));
  CHECK(piped.outbox.write(piped.to, "and written"));
  CHECK(piped.to.written() == "pi");
  CHECK(piped.flush());
  CHECK(piped.to.written() == "piped and written");
  CHECK(piped.outbox.sent() == 17);
}

TEST_CASE("a stream that turns out to take no pipe gets the same bytes by a write") {
  Piped piped("0123456789");
  CHECK(piped.flush(3));
  CHECK(piped.outbox.write(piped.to, "abc"));
  piped.to.refuse_pipes();
  CHECK(piped.flush(5));
  CHECK(piped.to.written() == "01234567");
  CHECK(piped.flush());
  CHECK(piped.to.written() == "0123456789abc");
  CHECK(piped.to.drained() == 3);
  CHECK(piped.outbox.sent() == 13);
}

TEST_CASE("no more than is asked for goes into a pipe, and nothing where nothing has come") {
  PipePool pool;
  ScriptedStream from, to;
  Outbox outbox;
  from.splice();
  to.splice();
  CHECK(outbox.fill(from, pool, 9) == 0);
  CHECK(outbox.empty());
  from.give("0123456789abc");
  CHECK(outbox.fill(from, pool, 9) == 9);
  CHECK(outbox.flush(to));
  CHECK(to.written() == "012345678");
}

TEST_CASE("a stream that breaks fails the flush, and what was in the pipe reaches no other") {
  Piped piped("secret");
  piped.to.fail_writes();
  CHECK_FALSE(piped.outbox.flush(piped.to));
  piped.outbox.reset();
  CHECK(piped.outbox.empty());
  ScriptedStream other;
  other.splice();
  piped.from.give("fresh");
  CHECK(piped.outbox.fill(piped.from, piped.pool, 99) == 5);
  CHECK(piped.outbox.flush(other));
  CHECK(other.written() == "fresh");
}
