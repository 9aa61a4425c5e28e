// Answers that wait for the window of their client's stream: they are under way until it has them.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "relay/options.h"
#include "tests/unit/relay/client/http2_client.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::http2;

namespace {

constexpr std::uint16_t kInitialWindow = 4;
constexpr std::uint32_t kCancel = 8;

struct Fixture : Http2Client {
  Fixture() {
    relay::RouteOptions route;
    route.idle_timeout = 7s;
    world.use(route);
    say(h2::settings({{kInitialWindow, 700}}));
  }
  void asks(std::uint32_t id) { say(h2::head(id, h2::request("GET", "/report"))); }
  std::uint64_t in_flight() const {
    std::uint64_t all = 0;
    for (const auto& [label, route] : world.totals().routes) all += route.in_flight;
    return all;
  }

  const std::string body = std::string(3'000, 'r');
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an answer is under way until its client has taken it to its end") {
  asks(1);
  respond(0, answer("200 OK", body));
  CHECK(stream(1).body.size() == 700);
  CHECK(world.sessions().clients() == 2);
  CHECK(in_flight() == 1);
  SUBCASE("it takes it") {
    say(h2::window(1, 2'299));
    CHECK(in_flight() == 1);
    say(h2::window(1, 1));
    CHECK(stream(1).body == body);
    CHECK(stream(1).ended);
    CHECK(seen.exchange(1).whole);
    CHECK(seen.cuts() == 0);
  }
  SUBCASE("it takes the stream back") {
    say(h2::reset(1, kCancel));
    CHECK_FALSE(seen.exchange(1).whole);
  }
  SUBCASE("it leaves") {
    client.break_off();
    settle();
    CHECK_FALSE(seen.exchange(1).whole);
  }
  CHECK(in_flight() == 0);
  CHECK(world.sessions().clients() <= 1);
}

TEST_CASE_FIXTURE(Fixture, "an answer of which a client takes nothing for too long is cut") {
  asks(1);
  asks(3);
  respond(0, answer("200 OK", body));
  respond(1, answer("200 OK", body));
  advance(6s);
  say(h2::window(1, 1));
  advance(1s);
  // What moves on another stream does not keep this one.
  CHECK_FALSE(stream(1).reset);
  CHECK(stream(3).reset);
  CHECK(stream(3).code == kInternalError);
  CHECK_FALSE(seen.exchange(1).whole);
  CHECK(seen.cuts() == 1);
  advance(6s);
  CHECK(stream(1).reset);
  CHECK(stream(1).body.size() == 701);
  CHECK(seen.cuts() == 2);
  CHECK(in_flight() == 0);
  CHECK(world.sessions().clients() == 1);
  CHECK(reader.goaway() == -1);
}

TEST_CASE_FIXTURE(Fixture, "an answer that is cut is cut at once, though its client still sends") {
  say(h2::head(1, h2::request("PUT", "/big"), false) + h2::data(1, "some"));
  respond(0, answer("413 Content Too Large", body));
  CHECK(stream(1).body.size() == 700);
  advance(7s);
  CHECK(stream(1).reset);
  CHECK(stream(1).code == kInternalError);
  CHECK(world.sessions().clients() == 1);
}

TEST_CASE_FIXTURE(Fixture, "an answer that waits for its client keeps its place") {
  std::string all = h2::window(0, 1 << 20);
  for (std::uint32_t i = 0; i < 99; ++i) all += h2::head(2 * i + 1, h2::request("GET", "/1"));
  say(all);
  REQUIRE(dialed() == 99);
  for (std::size_t i = 0; i < 99; ++i) respond(i, answer("200 OK", body));
  CHECK(world.sessions().clients() == 100);
  say(h2::head(201, h2::request("GET", "/late")));
  for (const auto& wire : world.at_upstream.wires) {
    CHECK(wire->stream.take_written().find("/late") == std::string::npos);
  }
  say(h2::window(5, 10'000));
  CHECK(stream(5).ended);
  std::string asked;
  for (const auto& wire : world.at_upstream.wires) asked += wire->stream.take_written();
  CHECK(asked.find("/late") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "an answer that waits for its client keeps no other from the upstream") {
  relay::RouteOptions route;
  route.in_flight_max = 1;
  world.use(route);
  asks(1);
  asks(3);
  CHECK(asked(0).start_line == "GET /report HTTP/1.1");
  CHECK(dialed() == 1);
  respond(0, answer("200 OK", body));
  CHECK_FALSE(stream(1).ended);
  CHECK(asked(1).start_line == "GET /report HTTP/1.1");
  respond(1, answer("200 OK", "short"));
  CHECK(stream(3).body == "short");
}

TEST_CASE_FIXTURE(Fixture, "a drain waits for who still takes an answer") {
  asks(1);
  respond(0, answer("200 OK", body));
  world.sessions().drain();
  settle();
  say(h2::frame(h2::kPing, h2::kAck, 0, std::string(8, '\0')));
  CHECK(in_flight() == 1);
  say(h2::window(1, 10'000));
  CHECK(stream(1).body == body);
  CHECK(stream(1).ended);
  client.end();
  settle();
  CHECK(world.sessions().clients() == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "a reply of our own that its client does not take is given up after 10 s") {
  say(h2::settings({{kInitialWindow, 5}}) + h2::head(1, h2::request("TRACE", "/")));
  CHECK(stream(1).status() == "405");
  CHECK(stream(1).body.size() == 5);
  CHECK(world.sessions().clients() == 2);
  advance(10s);
  CHECK(stream(1).reset);
  CHECK(stream(1).code == kInternalError);
  CHECK_FALSE(seen.exchange(1).whole);
  CHECK(world.sessions().clients() == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "a tunnel is over once its client has taken the last bytes and their end") {
  say(h2::settings({{kInitialWindow, 4}}) + h2::head(1,
                                                     {{":method", "CONNECT"},
                                                      {":protocol", "websocket"},
                                                      {":scheme", "http"},
                                                      {":authority", "localhost"},
                                                      {":path", "/feed"}},
                                                     false));
  respond(0,
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: abc\r\n\r\nfarewell");
  say(h2::data(1, "", true));
  world.at_upstream.wires[0]->end();
  settle();
  CHECK(stream(1).body == "fare");
  CHECK(in_flight() == 1);
  SUBCASE("in time") {
    say(h2::window(1, 100));
    CHECK(stream(1).body == "farewell");
    CHECK(stream(1).ended);
    CHECK_FALSE(stream(1).reset);
    CHECK(seen.exchange(1).whole);
  }
  SUBCASE("or has left") {
    say(h2::reset(1, kCancel));
    CHECK_FALSE(stream(1).ended);
  }
  SUBCASE("or not") {
    advance(7s);
    CHECK_FALSE(stream(1).ended);
    CHECK(stream(1).reset);
  }
  CHECK(in_flight() == 0);
}
