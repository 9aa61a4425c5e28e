// Responses that a client's stream has to make something of that HTTP/1.1 cannot say, or that are
// none.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/h2_frames.h"
#include "tests/support/h2_server.h"
#include "wire/h2/client_stream.h"

using namespace bearer;
using net::Io;
using test::Heard;
using test::read_all;
using test::h2::data;
using test::h2::frame;
using test::h2::head;
using test::h2::kEndHeaders;
using test::h2::kEndStream;
using test::h2::kHeaders;
using Server = test::H2Server;

TEST_CASE("a response that is no valid HTTP/2 is the server's fault, and no loss") {
  const test::h2::Lines heads[] = {
      {{":status", "200"}, {"content-length", "3"}, {"content-length", "5"}},
      {{":status", "200"}, {"transfer-encoding", "chunked"}},
      {{":status", "200"}, {"X-Upper", "case"}},
      {{":status", "200"}, {"x-split", "a\r\nb: c"}},
      {{"x-no", "status"}},
  };
  for (const test::h2::Lines& bad : heads) {
    CAPTURE(bad.back().first);
    Server server;
    const auto stream = server.ask();
    server.say(head(1, bad, false));
    CHECK(read_all(*stream).end == Io::Status::failed);
    CHECK(stream->malformed());
    CHECK_FALSE(stream->unprocessed());
    CHECK(stream->failure() == "the response is not valid HTTP/2");
    CHECK(server.on(1).reset);
    CHECK_FALSE(server.connection().ended());
  }
  Server server;
  const auto stream = server.ask();
  server.say(test::h2::reset(1, 1));  // the same code, but the server's
  CHECK_FALSE(stream->malformed());
}

TEST_CASE("a server that breaks the connection's rules broke the response that it was at") {
  constexpr std::uint8_t kPushPromise = 5;
  const std::string no_block = "\xff\xff\xff\xff\xff\xff\xff";
  struct Case {
    std::string frames;
    std::string_view how;
  };
  const Case cases[] = {
      {frame(kHeaders, kEndHeaders, 1, no_block), "COMPRESSION_ERROR"},
      {head(1, {{":status", "200"}}, false) + data(1, "abc") +
           frame(kHeaders, kEndHeaders | kEndStream, 1, no_block),
       "COMPRESSION_ERROR"},
      {data(1, "hello", true), "PROTOCOL_ERROR (DATA: "},
      {frame(kPushPromise, kEndHeaders, 1,
             test::h2::number(2) + test::h2::block(test::h2::request("GET", "/y"))),
       "PROTOCOL_ERROR (PUSH_PROMISE: "},
  };
  for (const Case& c : cases) {
    CAPTURE(c.how);
    for (const bool leaves : {false, true}) {
      CAPTURE(leaves);
      Server server;
      const auto stream = server.ask("POST");
      leaves ? server.say_last(c.frames) : server.say(c.frames);
      CHECK(read_all(*stream).end == Io::Status::failed);
      CHECK(stream->malformed());
      CHECK_FALSE(stream->unprocessed());
      CAPTURE(stream->failure());
      CHECK(stream->failure().starts_with("the upstream does not keep to HTTP/2: " +
                                          std::string(c.how)));
      CHECK(server.connection().ended());
      if (!leaves) CHECK(server.heard().goaway() > 0);
    }
  }
}

TEST_CASE("of several responses only the one whose head was under way is broken") {
  Server server;
  const auto first = server.ask(), second = server.ask(), third = server.ask();
  server.say(head(1, {{":status", "200"}}, false) + data(1, "part"));
  SUBCASE("by its head") {
    server.say(frame(kHeaders, kEndHeaders, 5, "\xff\xff\xff\xff\xff\xff\xff"));
    CHECK(third->malformed());
  }
  SUBCASE("by what may be the fault of any") {
    server.say(data(5, "x", true));
    CHECK_FALSE(third->malformed());
  }
  for (const auto* other : {&first, &second}) {
    CHECK_FALSE((*other)->malformed());
    CHECK((*other)->peer_closed());
    CHECK((*other)->failure().starts_with("the upstream does not keep to HTTP/2: "));
  }
  CHECK(read_all(*first).bytes.ends_with("4\r\npart\r\n"));
}

TEST_CASE("a server that ends a stream by itself is said to have done so") {
  Server server;
  const auto stream = server.ask();
  server.say(test::h2::reset(1, 2));
  CHECK(stream->failure() == "the upstream ended the stream: INTERNAL_ERROR");
}

TEST_CASE("trailers after a body of known length reach a request that takes them") {
  const test::h2::Lines sized{{":status", "200"}, {"content-length", "4"}};
  const std::string whole =
      head(1, sized, false) + data(1, "abcd") + head(1, {{"grpc-status", "9"}});
  Server server;
  const auto takes = server.open();
  server.write(*takes, "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n");
  SUBCASE("in chunks") {
    server.say(whole);
    CHECK(read_all(*takes).bytes ==
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n"
          "grpc-status: 9\r\n\r\n");
  }
  SUBCASE("not where the head is all") {
    server.say(head(1, {{":status", "200"}, {"content-length", "0"}}));
    CHECK(read_all(*takes).bytes == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  }
}

TEST_CASE("the smallest frames take no more memory than their data") {
  Server server;
  const auto stream = server.ask();
  server.say(head(1, {{":status", "200"}}, false));
  constexpr std::size_t kFrames = 3000;
  std::string frames;
  for (std::size_t i = 0; i < kFrames; ++i) frames += data(1, "x");
  server.say(frames);
  const Heard heard = read_all(*stream);
  CHECK(heard.bytes.size() < kFrames + 100);
  CHECK(heard.bytes.ends_with("\r\n\r\nbb8\r\n" + std::string(kFrames, 'x') + "\r\n"));
  server.say(data(1, "yz", true));
  CHECK(read_all(*stream).bytes == "2\r\nyz\r\n0\r\n\r\n");
}
