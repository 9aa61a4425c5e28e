// Responses that a client's stream has to make something of that HTTP/1.1 cannot say, or that are
// none.
#include <doctest/doctest.h>

#include <cstddef>
#include <string>

#include "tests/support/h2_frames.h"
#include "tests/support/h2_server.h"
#include "wire/h2/client_stream.h"

using namespace bearer;
using net::Io;
using test::Heard;
using test::read_all;
using test::h2::data;
using test::h2::head;
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
