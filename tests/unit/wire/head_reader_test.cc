#include "wire/head_reader.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "tests/support/owned_loop.h"
#include "tests/support/scripted_stream.h"

using namespace bearer;
using namespace std::chrono_literals;
using Status = wire::HeadReader::Status;

namespace {

constexpr std::string_view kHead = "GET /a HTTP/1.1\r\nHost: here\r\n\r\n";

struct Fixture {
  Status look() { return reader.look(stream, in); }

  test::OwnedLoop owned;
  test::ScriptedStream stream;
  net::Buffer in;
  wire::HeadReader reader{owned.loop(), {.idle_max = 40s, .head_max = 7s}};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a head is here once its last byte is, and what follows it is left") {
  for (std::size_t i = 0; i + 1 < kHead.size(); ++i) {
    stream.give(kHead.substr(i, 1));
    REQUIRE(look() == Status::coming);
  }
  stream.give("\nbody");
  CHECK(look() == Status::here);
  CHECK(reader.fault() == http::HeadFault::none);
  CHECK(reader.head(in) == kHead);
  CHECK(in.bytes().substr(reader.end()) == "body");
}

TEST_CASE_FIXTURE(Fixture, "an empty line ahead of a head is no part of it") {
  stream.give("\r\n" + std::string(kHead));
  CHECK(look() == Status::here);
  CHECK(reader.begin() == 2);
  CHECK(reader.head(in) == kHead);
}

TEST_CASE_FIXTURE(Fixture, "what is no head is here as well, and named") {
  stream.give("GET / HTTP/1.1\nHost: here\r\n\r\n");
  CHECK(look() == Status::here);
  CHECK(reader.fault() != http::HeadFault::none);
}

TEST_CASE_FIXTURE(Fixture, "the first byte may take its time, and the rest has another") {
  owned.advance(39s);
  CHECK(look() == Status::coming);
  CHECK_FALSE(reader.begun());
  stream.give("GET ");
  CHECK(look() == Status::coming);
  CHECK(reader.begun());
  owned.advance(6s);
  stream.give("/ ");
  CHECK(look() == Status::coming);
  owned.advance(1s);
  CHECK(look() == Status::late);
}

TEST_CASE_FIXTURE(Fixture, "the line end that some clients put behind a body begins nothing") {
  for (const char* piece : {"\r", "\n"}) {
    stream.give(piece);
    CHECK(look() == Status::coming);
    CHECK_FALSE(reader.begun());
  }
  owned.advance(39s);
  stream.give(kHead.substr(0, 2));
  CHECK(look() == Status::coming);
  CHECK(reader.begun());
  owned.advance(6s);
  stream.give(kHead.substr(2));
  CHECK(look() == Status::here);
  CHECK(reader.head(in) == kHead);
}

TEST_CASE_FIXTURE(Fixture, "nothing at all is late in the end") {
  owned.advance(40s);
  CHECK(look() == Status::late);
  CHECK_FALSE(reader.begun());
}

TEST_CASE_FIXTURE(Fixture, "what came while the process was stopped is not late") {
  stream.give(kHead);
  owned.advance(90s);
  CHECK(look() == Status::here);
}

TEST_CASE_FIXTURE(Fixture, "a deadline can be shortened and not put off") {
  reader.shorten(3s);
  reader.shorten(20s);
  CHECK(reader.deadline() == owned.now() + 3s);
}

TEST_CASE_FIXTURE(Fixture, "a stream that ends in the middle of a head has ended") {
  stream.give("GET / HT");
  stream.then(test::ScriptedStream::Status::ended);
  CHECK(look() == Status::ended);
}
