#include "wire/h2/client_stream.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/outbox.h"
#include "tests/support/h2_frames.h"
#include "tests/support/h2_server.h"
#include "wire/h2/client_connection.h"

using namespace bearer;
using namespace std::chrono_literals;
using net::Io;
using Server = test::H2Server;
using test::Heard;
using test::read_all;
using test::h2::data;
using test::h2::frame;
using test::h2::head;
using test::h2::number;
using wire::h2::ClientConnection;

namespace {

constexpr std::uint16_t kMaxConcurrentStreams = 3, kInitialWindow = 4, kConnectProtocol = 8;

std::string goaway(std::uint32_t last, std::uint32_t code = 0) {
  return frame(test::h2::kGoaway, 0, 0, number(last) + number(code));
}

}  // namespace

TEST_CASE("a request's head becomes pseudo-fields and lower-case ones, without the connection's") {
  Server server;
  const auto stream = server.open();
  server.write(*stream,
               "POST /a?b=c HTTP/1.1\r\nHost: api.example.com\r\nX-Mixed: Case\r\n"
               "Transfer-Encoding: chunked\r\nTE: trailers\r\nConnection: TE\r\n"
               "Authorization: Bearer secret\r\n\r\n");
  REQUIRE(server.on(1).heads.size() == 1);
  const test::h2::Lines expected{{":method", "POST"},
                                 {":scheme", "http"},
                                 {":authority", "api.example.com"},
                                 {":path", "/a?b=c"},
                                 {"x-mixed", "Case"},
                                 {"te", "trailers"},
                                 {"authorization", "Bearer secret"}};
  CHECK(server.on(1).heads[0] == expected);
  CHECK_FALSE(server.on(1).ended);
}

TEST_CASE("whether there is something to read is known without a try") {
  Server server;
  const auto stream = server.ask();
  CHECK_FALSE(stream->may_read());
  server.say(head(1, {{":status", "200"}}, false));
  CHECK(stream->may_read());
  read_all(*stream);
  CHECK_FALSE(stream->may_read());
  server.say(data(1, "x"));
  CHECK(stream->may_read());
  CHECK(read_all(*stream, 1).end == Io::Status::blocked);
  CHECK_FALSE(stream->may_read());
  SUBCASE("the end of the response") {
    server.say(data(1, "", true));
    CHECK(stream->may_read());
    CHECK(read_all(*stream).end == Io::Status::ended);
  }
  SUBCASE("the end of the connection") {
    server.break_off();
    CHECK(stream->may_read());
    CHECK(read_all(*stream).end == Io::Status::failed);
  }
}

TEST_CASE("a body in chunks and its trailers come as data, however they are cut") {
  const std::string request =
      "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Sum: 13\r\n\r\n";
  const std::size_t head_bytes = request.find("\r\n\r\n") + 4;
  for (std::size_t cut = head_bytes; cut <= request.size(); ++cut) {
    CAPTURE(cut);
    Server server;
    const auto stream = server.open();
    CHECK(server.write(*stream, std::string_view(request).substr(0, cut)) == cut);
    if (cut < request.size()) server.write(*stream, std::string_view(request).substr(cut));
    CHECK(server.on(1).body == "abc0123456789");
    CHECK(server.on(1).ended);
    CHECK(server.on(1).value("x-sum") == "13");
  }
}

TEST_CASE("a body of known length ends the stream with its last byte, and no body with the head") {
  Server server;
  const auto sized = server.open();
  server.write(*sized, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
  CHECK_FALSE(server.on(1).ended);
  server.write(*sized, "cd");
  CHECK(server.on(1).body == "abcd");
  CHECK(server.on(1).ended);
  CHECK(server.on(1).value("content-length") == "4");
  const auto bodiless = server.ask();
  CHECK(server.on(3).ended);
  CHECK(server.on(3).body.empty());
}

TEST_CASE("each response is read as the HTTP/1.1 that says the same") {
  struct Case {
    std::string_view method;
    std::string frames;
    std::string_view read;
  };
  const Case cases[] = {
      {"GET", head(1, {{":status", "200"}, {"content-length", "2"}}, false) + data(1, "ok", true),
       "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"},
      {"GET", head(1, {{":status", "200"}}, false) + data(1, "abc") + data(1, "", true),
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
      {"GET", head(1, {{":status", "200"}}, false) + data(1, "a") + head(1, {{"x-sum", "1"}}),
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-sum: 1\r\n\r\n"},
      {"GET", head(1, {{":status", "200"}, {"grpc-status", "5"}}),
       "HTTP/1.1 200 OK\r\ngrpc-status: 5\r\nContent-Length: 0\r\n\r\n"},
      {"GET", head(1, {{":status", "204"}}), "HTTP/1.1 204 No Content\r\n\r\n"},
      {"GET", head(1, {{":status", "304"}, {"etag", "x"}}),
       "HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n"},
      {"HEAD", head(1, {{":status", "200"}, {"content-length", "9"}}),
       "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"},
      {"GET",
       head(1, {{":status", "200"}, {"content-length", "1"}, {"x-last", "b"}}, false) +
           data(1, "c", true),
       "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nx-last: b\r\n\r\nc"},
      {"HEAD", head(1, {{":status", "200"}}), "HTTP/1.1 200 OK\r\n\r\n"},
      {"GET",
       head(1, {{":status", "103"}, {"link", "</a>"}}, false) + head(1, {{":status", "200"}}),
       "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
       "0\r\n\r\n"},
  };
  for (const Case& c : cases) {
    for (const std::size_t at_once : {1u, 7u, 4096u}) {
      CAPTURE(c.read);
      Server server;
      const auto stream = server.ask(c.method);
      server.say(c.frames);
      const Heard heard = read_all(*stream, at_once);
      CHECK(heard.bytes == c.read);
      CHECK(heard.end == Io::Status::ended);
    }
  }
}

TEST_CASE("only a stream that was refused before an answer is known not to have been processed") {
  constexpr std::uint32_t kInternalError = 2, kRefused = 7, kHttp11Required = 13;
  for (const std::uint32_t code : {kInternalError, kRefused, kHttp11Required}) {
    CAPTURE(code);
    Server server;
    const auto before = server.ask();
    server.say(test::h2::reset(1, code));
    CHECK(read_all(*before).end == Io::Status::failed);
    CHECK(before->unprocessed() == (code != kInternalError));
    const auto after = server.ask();
    server.say(head(3, {{":status", "200"}}, false) + test::h2::reset(3, code));
    CHECK(read_all(*after).end == Io::Status::failed);
    CHECK_FALSE(after->unprocessed());
    CHECK(after->closed_with() == static_cast<wire::h2::ErrorCode>(code));
  }
}

TEST_CASE("a GOAWAY lets those go on that it counts in, and no others, nor new ones") {
  Server server;
  const auto first = server.ask();
  const auto second = server.ask();
  server.say(goaway(1));
  CHECK(server.connection().places() == 0);
  CHECK(read_all(*second).end == Io::Status::failed);
  CHECK(second->unprocessed());
  CHECK_FALSE(server.connection().over());
  server.say(head(1, {{":status", "204"}}));
  CHECK(read_all(*first).bytes == "HTTP/1.1 204 No Content\r\n\r\n");
  CHECK(server.connection().over());
}

TEST_CASE("a stream that meets a GOAWAY before it has begun was not processed") {
  Server server;
  const auto stream = server.open();
  server.say(goaway(0));
  CHECK(server.write(*stream, "GET / HTTP/1.1\r\nHost: a\r\n\r\n") == 0);
  CHECK(stream->unprocessed());
}

TEST_CASE("no more streams are opened than the server allows") {
  Server server({{kMaxConcurrentStreams, 2}});
  CHECK(server.connection().places() == 2);
  const auto first = server.open();  // holds a place before it is written to
  CHECK(server.connection().places() == 1);
  server.write(*first, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  auto second = server.ask();
  CHECK(server.connection().places() == 0);
  server.say(head(1, {{":status", "204"}}));
  CHECK(server.connection().places() == 1);
  second.reset();
  server.advance(0s);
  CHECK(server.connection().places() == 2);
  CHECK(server.on(3).reset);
  constexpr std::uint32_t kCancel = 8;
  CHECK(server.on(3).code == kCancel);
}

TEST_CASE("a request that has not gone out when the connection ends was not processed") {
  Server server;
  const auto stream = server.open();
  const iovec parts[] = {net::part("GET / HTTP/1.1\r\nHost: a\r\n\r\n")};
  CHECK(stream->write(parts).ok());
  server.break_off();
  CHECK(read_all(*stream).end == Io::Status::failed);
  CHECK(stream->unprocessed());
}

TEST_CASE("a connection that is lost fails its streams, and nobody knows what was processed") {
  Server server;
  const auto stream = server.ask();
  server.break_off();
  CHECK(read_all(*stream).end == Io::Status::failed);
  CHECK_FALSE(stream->unprocessed());
  CHECK(server.connection().ended());
  CHECK(server.connection().over());
  CHECK(server.connection().places() == 0);
}

TEST_CASE("a server that is silent while requests are under way is asked, then given up") {
  Server server;
  const base::Duration silence = ClientConnection::kSilenceMax;
  server.advance(silence * 3);
  CHECK(server.heard().count(test::h2::kPing) == 0);  // idle
  const auto stream = server.ask();
  server.advance(silence - 1ms);
  CHECK(server.heard().count(test::h2::kPing) == 0);
  server.advance(1ms);
  CHECK(server.heard().count(test::h2::kPing) == 1);
  SUBCASE("an answer is life enough") {
    server.advance(silence - 1ms);
    server.say(frame(test::h2::kPing, test::h2::kAck, 0, "12345678"));
    server.advance(silence - 1ms);
    CHECK_FALSE(server.connection().ended());
  }
  SUBCASE("without one it is over") {
    server.advance(silence);
    CHECK(server.connection().ended());
    CHECK(read_all(*stream).end == Io::Status::failed);
    CHECK(stream->failure() == "the server did not answer a PING");
  }
}

TEST_CASE("a body waits for the server's window, and in no more memory than a piece") {
  constexpr std::size_t kWindow = 1000, kBody = 1 << 20;
  Server server({{kInitialWindow, kWindow}});
  const auto stream = server.open();
  server.write(*stream, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n");
  const std::string body(kBody, 'x');
  std::size_t taken = 0;
  while (const std::size_t more = server.write(*stream, std::string_view(body).substr(taken)))
    taken += more;
  CHECK(taken < (128u << 10));
  CHECK(server.on(1).body.size() == kWindow);
  server.say(test::h2::window(0, 1 << 20) + test::h2::window(1, 1 << 20));
  while (taken < kBody) {
    const std::size_t more = server.write(*stream, std::string_view(body).substr(taken));
    REQUIRE(more > 0);
    taken += more;
  }
  CHECK(server.on(1).body.size() == kBody);
  CHECK(server.on(1).ended);
}

TEST_CASE("the server's window opens again only as the response is read") {
  Server server;
  const auto stream = server.ask();
  server.say(head(1, {{":status", "200"}}, false));
  for (int i = 0; i < 12; ++i) server.say(data(1, std::string(16384, 'x')));
  const auto opened = [&] {
    std::size_t frames = 0;
    for (const auto& one : server.heard().frames())
      frames += one.type == test::h2::kWindowUpdate && one.stream == 1 ? 1 : 0;
    return frames;
  };
  CHECK(opened() == 0);
  CHECK(read_all(*stream).bytes.size() > 12 * 16384);
  server.advance(0s);
  CHECK(opened() > 0);
}

TEST_CASE("an Upgrade to a WebSocket is a CONNECT, whose 200 proves the key as a 101 does") {
  Server server({{kConnectProtocol, 1}});
  CHECK(server.connection().takes_websockets());
  auto stream = server.open();
  server.write(*stream,
               "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  CHECK(server.on(1).value(":method") == "CONNECT");
  CHECK(server.on(1).value(":protocol") == "websocket");
  CHECK(server.on(1).value("sec-websocket-key").empty());
  CHECK(server.on(1).value("sec-websocket-version") == "13");
  CHECK_FALSE(server.on(1).ended);
  SUBCASE("200") {
    server.say(head(1, {{":status", "200"}}, false) + data(1, "from server"));
    CHECK(read_all(*stream).bytes ==
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nfrom server");
    server.write(*stream, "from client");
    CHECK(server.on(1).body == "from client");
    stream->shut();
    server.advance(0s);
    CHECK(server.on(1).ended);
    CHECK(read_all(*stream).end == Io::Status::blocked);
    server.say(data(1, "more from server") + data(1, "", true));
    const Heard rest = read_all(*stream);
    CHECK(rest.bytes == "more from server");
    CHECK(rest.end == Io::Status::ended);
    CHECK_FALSE(server.on(1).reset);
  }
  SUBCASE("what both sides have ended goes out whole") {
    server.say(head(1, {{":status", "200"}}, false) + data(1, "", true));
    read_all(*stream);
    const iovec parts[] = {net::part("the last words")};
    CHECK(stream->write(parts).ok());
    stream->shut();
    SUBCASE("with its end") {
      stream.reset();
    }
    server.advance(0s);
    CHECK(server.on(1).body == "the last words");
    CHECK(server.on(1).ended);
    CHECK_FALSE(server.on(1).reset);
  }
  SUBCASE("anything else is an answer") {
    server.say(head(1, {{":status", "401"}}));
    CHECK(read_all(*stream).bytes == "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
  }
}

TEST_CASE("interim responses that nobody reads are not kept without an end") {
  Server server;
  const auto stream = server.ask();
  const std::string early = head(1, {{":status", "103"}, {"link", std::string(10000, 'x')}}, false);
  for (int i = 0; i < 20; ++i) server.say(early);
  CHECK(server.on(1).reset);
  CHECK(read_all(*stream).bytes.size() < (200u << 10));
}
