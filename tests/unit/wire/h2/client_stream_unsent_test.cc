// Requests that wait for the room that a server gives.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/outbox.h"
#include "tests/support/h2_frames.h"
#include "tests/support/h2_server.h"
#include "wire/h2/client_stream.h"

using namespace bearer;
using namespace std::chrono_literals;
using net::Io;
using Server = test::H2Server;
using test::read_all;
using test::h2::data;
using test::h2::frame;
using test::h2::head;
using test::h2::number;

namespace {

constexpr std::uint16_t kInitialWindow = 4;

}  // namespace

TEST_CASE("whoever got a part of a body in is woken once there is room for the rest") {
  Server server;
  const auto stream = server.open();
  const std::string head = "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n";
  CHECK(server.write(*stream, head) == head.size());
  const std::string body(300'000, 'b');
  std::size_t taken = 0;
  int parts = 0;
  for (; parts < 20; ++parts) {
    const int woken = server.woken();
    taken += server.write(*stream, std::string_view(body).substr(taken));
    if (taken == body.size()) break;
    // Nobody asks again meanwhile: a writer need not learn first that the rest is blocked.
    server.say(test::h2::window(0, 65'536) + test::h2::window(1, 65'536));
    CHECK(server.woken() > woken);
  }
  CHECK(parts > 1);
  CHECK(taken == body.size());
  server.say(test::h2::window(0, 300'000) + test::h2::window(1, 300'000));
  CHECK(server.on(1).body.size() == 300'000);
  CHECK(server.on(1).ended);
}

TEST_CASE("a request is unsent until the server has taken its end, whatever it has answered") {
  Server server;
  auto stream = server.open();
  server.write(*stream, "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n");
  CHECK(stream->unsent() == 0);  // more is to come
  server.say(head(1, {{":status", "202"}}));
  CHECK(read_all(*stream).end == Io::Status::ended);
  const std::string body(70'000, 'b');
  CHECK(server.write(*stream, body) == body.size());
  CHECK(stream->unsent() == 70'000 - 65'535);
  int woken = server.woken();
  server.say(test::h2::window(0, 4'000) + test::h2::window(1, 4'000));
  CHECK(stream->unsent() == 465);
  CHECK(server.woken() > woken);
  woken = server.woken();
  SUBCASE("the server takes it") {
    server.say(test::h2::window(0, 465) + test::h2::window(1, 465));
    CHECK(stream->unsent() == 0);
    CHECK(server.woken() > woken);
    CHECK_FALSE(stream->peer_closed());
    CHECK(server.on(1).body == body);
    CHECK(server.on(1).ended);
    stream.reset();
    server.advance(0s);
    CHECK_FALSE(server.on(1).reset);
  }
  SUBCASE("nobody waits for that") {
    stream.reset();
    server.say(test::h2::window(0, 465) + test::h2::window(1, 465));
    CHECK_FALSE(server.on(1).ended);
    CHECK(server.on(1).reset);
    CHECK(server.on(1).code == static_cast<std::uint32_t>(wire::h2::ErrorCode::cancel));
  }
  SUBCASE("the server wants no more of it, which is no error") {
    server.say(test::h2::reset(1, 0));
    CHECK(stream->unsent() > 0);
    CHECK(stream->peer_closed());
  }
  CHECK(server.connection().streams() == 0);
}

TEST_CASE("a request that the windows let out is sent when it has been written") {
  Server server;
  CHECK(server.ask()->unsent() == 0);
  const auto stream = server.open();
  const std::string request =
      "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4\r\nbody\r\n0\r\nX-Sum: 4\r\n\r\n";
  const iovec parts[] = {net::part(request)};
  CHECK(stream->write(parts).bytes == request.size());
  CHECK(stream->unsent() == 0);
}

TEST_CASE("an end without bytes is unsent where no window is left, and goes with the next") {
  Server server({{kInitialWindow, 10}});
  const auto stream = server.open();
  server.write(*stream,
               "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
               "A\r\n0123456789\r\n");
  CHECK(server.on(1).body == "0123456789");
  server.write(*stream, "0\r\n\r\n");
  if (!server.on(1).ended) CHECK(stream->unsent() == 1);
  server.say(test::h2::window(1, 1));
  CHECK(stream->unsent() == 0);
  CHECK(server.on(1).ended);
}
