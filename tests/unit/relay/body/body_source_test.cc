#include "relay/body/body_source.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/scripted_stream.h"

using namespace bearer;
using http::Framing;
using relay::Body;
using relay::BodySource;
using relay::Gather;
using Status = relay::Body::Status;
using test::ScriptedStream;

namespace {

constexpr Framing kChunked{Framing::Kind::chunked, 0};
constexpr Framing kUntilClose{Framing::Kind::until_close, 0};
constexpr Framing sized(std::uint64_t length) {
  return {Framing::Kind::length, length};
}

struct Fixture {
  /// Pulls until the body has no more to give for now; collects the data in `data`.
  Status pull(BodySource& source) {
    for (int pulls = 0;; ++pulls) {
      REQUIRE(pulls < 1000);
      Gather gather;
      const Status status = source.pull(stream, rest, scratch, gather);
      if (status != Status::malformed && status != Status::cut) {
        for (const iovec& run : gather.data()) {
          data.append(static_cast<const char*>(run.iov_base), run.iov_len);
        }
      }
      if (status != Status::more) return status;
    }
  }

  ScriptedStream stream;
  net::Buffer rest;
  std::vector<char> scratch = std::vector<char>(64);
  std::string data;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a body is what its framing says, and what follows stays in the rest") {
  struct Case {
    Framing framing;
    const char *bytes, *data, *left;
  };
  const Case cases[] = {
      {sized(5), "helloNEXT", "hello", "NEXT"},
      {kChunked, "5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\nNEXT", "hello!", "NEXT"},
      {kChunked, "0\r\n\r\n", "", ""},
  };
  for (const Case& c : cases) {
    for (const bool read_before : {false, true}) {
      CAPTURE(c.bytes);
      CAPTURE(read_before);
      Fixture f;
      if (read_before) {
        f.rest.append(c.bytes);
      } else {
        f.stream.give(c.bytes);
      }
      BodySource source(c.framing);
      CHECK(f.pull(source) == Status::done);
      CHECK(source.done());
      CHECK(f.data == c.data);
      CHECK(f.rest.bytes() == c.left);
      CHECK(f.pull(source) == Status::done);
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "where there is no body nothing is read") {
  for (const Framing& framing : {sized(0), Framing{Framing::Kind::none, 0}}) {
    BodySource source(framing);
    CHECK(source.done());
    CHECK(pull(source) == Status::done);
    CHECK(stream.reads() == 0);
  }
}

TEST_CASE_FIXTURE(Fixture, "the beginning may have been read before, in any share") {
  const std::string bytes = "5\r\nhello\r\n6\r\n world\r\n0\r\nT: v\r\n\r\nNEXT";
  const std::size_t end = bytes.size() - 4;
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    CAPTURE(cut);
    Fixture f;
    f.rest.append(bytes.substr(0, cut));
    f.stream.give(bytes.substr(cut));
    BodySource source(kChunked);
    CHECK(f.pull(source) == Status::done);
    CHECK(f.data == "hello world");
    CHECK(source.trailers() == "T: v\r\n");
    CHECK(f.rest.bytes() == (cut < end ? "NEXT" : bytes.substr(end, cut - end)));
  }
}

TEST_CASE_FIXTURE(Fixture, "a body that comes byte by byte is the same") {
  for (const char c : std::string("5\r\nhello\r\n0\r\n\r\n")) stream.give(std::string(1, c));
  BodySource source(kChunked);
  CHECK(pull(source) == Status::done);
  CHECK(data == "hello");
}

TEST_CASE_FIXTURE(Fixture, "without bytes it is blocked, and goes on once more have come") {
  BodySource source(sized(5));
  CHECK(pull(source) == Status::blocked);
  stream.give("he");
  CHECK(pull(source) == Status::blocked);
  CHECK(data == "he");
  stream.give("llo");
  CHECK(pull(source) == Status::done);
  CHECK(data == "hello");
}

TEST_CASE_FIXTURE(Fixture, "an end in the middle is a cut, whatever the framing") {
  for (const ScriptedStream::Status end :
       {ScriptedStream::Status::ended, ScriptedStream::Status::failed}) {
    for (const Framing& framing : {sized(9), kChunked}) {
      Fixture f;
      f.stream.give("3\r\nabc\r\n");
      f.stream.then(end);
      BodySource source(framing);
      CHECK(f.pull(source) == Status::cut);
      CHECK_FALSE(source.done());
    }
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "a body until the close is whole at the end that was said, cut at a loss") {
  for (const bool said : {true, false}) {
    Fixture f;
    f.stream.give("all of it");
    f.stream.then(said ? ScriptedStream::Status::ended : ScriptedStream::Status::failed);
    BodySource source(kUntilClose);
    CHECK(f.pull(source) == (said ? Status::done : Status::cut));
    CHECK(f.data == "all of it");
  }
}

TEST_CASE_FIXTURE(Fixture, "broken chunks are malformed, and stay so") {
  stream.give("5\r\nhello\r\nx\r\n");
  BodySource source(kChunked);
  CHECK(pull(source) == Status::malformed);
  stream.give("0\r\n\r\n");
  CHECK(pull(source) == Status::malformed);
}

TEST_CASE_FIXTURE(Fixture, "more runs than one write takes wait in the rest") {
  std::string bytes, whole;
  for (int i = 0; i < 100; ++i) {
    bytes += "1\r\n" + std::string(1, static_cast<char>('a' + i % 26)) + "\r\n";
    whole += static_cast<char>('a' + i % 26);
  }
  scratch.resize(4096);
  stream.give(bytes + "0\r\n\r\nNEXT");
  BodySource source(kChunked);
  Gather first;
  CHECK(source.pull(stream, rest, scratch, first) == Status::more);
  CHECK(first.full());
  CHECK_FALSE(rest.empty());
  for (const iovec& run : first.data()) {
    data.append(static_cast<const char*>(run.iov_base), run.iov_len);
  }
  CHECK(pull(source) == Status::done);
  CHECK(data == whole);
  CHECK(rest.bytes() == "NEXT");
}
