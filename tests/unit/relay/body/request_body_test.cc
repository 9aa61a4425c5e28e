#include "relay/body/request_body.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/scoped_environment.h"
#include "tests/support/scripted_stream.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using http::Framing;
using relay::Gather;
using relay::ReplayBody;
using relay::RequestBody;
using Status = relay::Body::Status;
using test::ScriptedStream;

namespace {

constexpr Framing kChunked{Framing::Kind::chunked, 0};
constexpr Framing sized(std::uint64_t length) {
  return {Framing::Kind::length, length};
}

/// A client, and an upstream that gets what is pulled.
struct Fixture {
  Status pull_once(RequestBody& body) {
    Gather gather;
    const Status status = body.pull(client, rest, scratch, gather);
    for (const iovec& run : gather.data()) {
      got.append(static_cast<const char*>(run.iov_base), run.iov_len);
    }
    return status;
  }
  Status pull(RequestBody& body) {
    Status status = pull_once(body);
    for (int pulls = 0; status == Status::more; status = pull_once(body)) REQUIRE(++pulls < 1000);
    return status;
  }

  ScriptedStream client;
  net::Buffer rest;
  std::vector<char> scratch = std::vector<char>(16);
  std::string got;
};

constexpr ReplayBody::Limits kRoomy{.bytes_max = 1000, .memory_bytes_max = 1000};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a replay is the same body, whenever the attempt before it broke off") {
  const std::string whole = "0123456789abcdefghij";
  for (const Framing& framing : {sized(20), kChunked}) {
    for (const std::uint64_t memory : {0u, 3u, 1000u}) {
      for (int pulls = 0; pulls <= 12; ++pulls) {
        CAPTURE(memory);
        CAPTURE(pulls);
        Fixture f;
        for (std::size_t at = 0; at < whole.size(); at += 4) {
          const std::string piece = whole.substr(at, 4);
          f.client.give(framing.kind == Framing::Kind::chunked ? "4\r\n" + piece + "\r\n" : piece);
        }
        if (framing.kind == Framing::Kind::chunked) f.client.give("0\r\n\r\n");
        RequestBody body(framing, {.bytes_max = 20, .memory_bytes_max = memory});
        for (int i = 0; i < pulls; ++i) f.pull_once(body);
        REQUIRE(body.kept());
        const std::string first = f.got;
        CHECK(whole.starts_with(first));
        // Broken off again, in the middle of what is kept.
        body.rewind();
        f.got.clear();
        f.pull_once(body);
        CHECK(whole.starts_with(f.got));
        body.rewind();
        f.got.clear();
        CHECK(f.pull(body) == Status::done);
        CHECK(f.got == whole);
        CHECK(body.received());
        CHECK(f.pull(body) == Status::done);
      }
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "a replay goes on live where the client is still sending") {
  RequestBody body(sized(10), kRoomy);
  client.give("01234");
  CHECK(pull(body) == Status::blocked);
  body.rewind();
  got.clear();
  CHECK(pull(body) == Status::blocked);
  CHECK(got == "01234");
  CHECK_FALSE(body.received());
  client.give("56789");
  CHECK(pull(body) == Status::done);
  CHECK(got == "0123456789");
}

TEST_CASE_FIXTURE(Fixture, "no body is done at once, takes no memory, and the client is not read") {
  CHECK(sizeof(RequestBody) == 2 * sizeof(void*));
  RequestBody body({Framing::Kind::none, 0}, kRoomy);
  CHECK(body.received());
  CHECK(body.kept());
  CHECK(pull(body) == Status::done);
  body.rewind();
  CHECK(pull(body) == Status::done);
  CHECK(body.untouched());
  CHECK(client.reads() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a body is untouched until the first pull from the client") {
  RequestBody body(sized(1), kRoomy);
  CHECK(body.untouched());
  pull(body);
  CHECK_FALSE(body.untouched());
}

TEST_CASE_FIXTURE(Fixture,
                  "of a body that is known to be too large the beginning is kept, in case it is "
                  "refused by its head") {
  RequestBody body(sized(11), {.bytes_max = 10, .memory_bytes_max = 4});
  client.give("012345");
  CHECK(pull(body) == Status::blocked);
  CHECK(body.kept());
  body.rewind();
  got.clear();
  client.give("6789!");
  CHECK(pull(body) == Status::done);
  CHECK(got == "0123456789!");
  CHECK(body.unkept() == relay::NotReplayable::too_large);
}

TEST_CASE_FIXTURE(Fixture, "a body that proves too large is streamed on, once") {
  RequestBody body(kChunked, {.bytes_max = 8, .memory_bytes_max = 4});
  client.give("8\r\n01234567\r\n");
  CHECK(pull(body) == Status::blocked);
  CHECK(body.kept());
  client.give("1\r\n8\r\n0\r\n\r\n");
  CHECK(pull(body) == Status::done);
  CHECK_FALSE(body.kept());
  CHECK(got == "012345678");
  CHECK(body.received());
}

TEST_CASE_FIXTURE(Fixture,
                  "a body for which there is no room streams on, and the reason is known") {
  relay::ReplayBudget budget({.disk_bytes_max = 3, .memory_bytes_max = 100});
  RequestBody body(sized(10), {.bytes_max = 100, .memory_bytes_max = 4, .budget = &budget});
  client.give("0123456789");
  CHECK(pull(body) == Status::done);
  CHECK(got == "0123456789");
  CHECK(body.unkept() == relay::NotReplayable::no_room);
  CHECK(body.spill_failure() == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "a file that cannot be made costs the replay, not the request") {
  const test::TemporaryDirectory directory;
  const test::ScopedEnvironment tmpdir("TMPDIR", directory.path("missing"));
  relay::ReplayBudget others({.memory_bytes_max = 5});
  RequestBody body(sized(10), {.bytes_max = 100, .memory_bytes_max = 4, .budget = &others});
  client.give("0123456789");
  CHECK(pull(body) == Status::done);
  CHECK(got == "0123456789");
  CHECK(body.unkept() == relay::NotReplayable::spill_failed);
  REQUIRE(body.spill_failure() != nullptr);
  CHECK(body.spill_failure()->code == base::Errc::spill_failed);
}

TEST_CASE_FIXTURE(Fixture, "a client's broken framing and its departure are said") {
  RequestBody malformed(kChunked, kRoomy);
  client.give("x\r\n");
  CHECK(pull(malformed) == Status::malformed);

  Fixture f;
  RequestBody cut(sized(10), kRoomy);
  f.client.give("01234");
  f.client.then(ScriptedStream::Status::ended);
  CHECK(f.pull(cut) == Status::cut);
  CHECK(cut.spill_failure() == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "a request's trailers go with each of its attempts") {
  RequestBody body(kChunked, kRoomy);
  client.give("1\r\nx\r\n0\r\nX-Sum: 9\r\n");
  CHECK(pull(body) == Status::blocked);
  client.give("\r\n");
  CHECK(pull(body) == Status::done);
  CHECK(body.trailers() == "X-Sum: 9\r\n");
  body.rewind();
  CHECK(pull(body) == Status::done);
  CHECK(body.trailers() == "X-Sum: 9\r\n");
  CHECK(got == "xx");
}

TEST_CASE_FIXTURE(Fixture, "a body passes unseen only where nothing of it is kept any more") {
  RequestBody kept(sized(20), kRoomy);
  CHECK(kept.unseen() == 0);
  client.give("0123456789abcdefghij");
  CHECK(pull(kept) == Status::done);
  kept.rewind();
  CHECK(kept.unseen() == 0);

  RequestBody too_large(sized(2000), {.bytes_max = 0, .memory_bytes_max = 0});
  CHECK(too_large.unseen() == 2000);
  too_large.pass(1990);
  CHECK(too_large.unseen() == 10);
  CHECK_FALSE(too_large.untouched());
  client.give("0123456789next");
  got.clear();
  CHECK(pull(too_large) == Status::done);
  CHECK(got == "0123456789");
  CHECK(too_large.received());
}
