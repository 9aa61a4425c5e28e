#include "net/outbox.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "tests/support/scripted_stream.h"

using namespace bearer;
using net::Outbox;
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
