// What a client of HTTP/2 may try to get past the proxy, or to make it hold.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/unit/relay/client/http2_client.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::http2;

namespace {

constexpr std::string_view kSwitched =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

struct Fixture : Http2Client {
  void respond(std::string_view response) {
    world.upstream().give(response);
    settle();
  }
  std::string asked() { return world.upstream().stream.take_written(); }
};

h2::Lines connect(std::string_view protocol, const h2::Lines& more = {}) {
  h2::Lines fields{{":method", "CONNECT"},
                   {":protocol", std::string(protocol)},
                   {":scheme", "http"},
                   {":authority", "localhost"},
                   {":path", "/feed"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

constexpr std::string_view kSecond = "DELETE /second HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what follows a CONNECT that is not accepted is never a request") {
  for (const std::string_view protocol : {"websocket", "connect-udp"}) {
    CAPTURE(protocol);
    Fixture one;
    one.say(h2::head(1, connect(protocol), false) + h2::data(1, kSecond));
    CHECK(one.dialed() == 1);
    CHECK(one.asked().find("/second") == std::string::npos);
    one.respond(answer("200 OK", "plain"));
    one.say(h2::data(1, kSecond, true));
    CHECK(one.stream(1).status() == "200");
    CHECK(one.stream(1).body == "plain");
    CHECK(one.stream(1).ended);
    CHECK(one.dialed() == 1);
    CHECK(one.asked().empty());
    CHECK(one.reader.goaway() == -1);
  }
}

TEST_CASE_FIXTURE(Fixture, "what a WebSocket's client sends before the 101 goes on after it") {
  say(h2::head(1, connect("websocket"), false) + h2::data(1, "early,"));
  CHECK(asked().find("early") == std::string::npos);
  respond(kSwitched);
  CHECK(stream(1).status() == "200");
  CHECK(asked() == "early,");
  for (int i = 0; i < 20; ++i) say(h2::data(1, std::string(16'000, 'l')));
  CHECK(asked().size() == 320'000);
}

TEST_CASE_FIXTURE(Fixture, "a CONNECT with a length is malformed") {
  say(h2::head(1, connect("websocket", {{"content-length", "5"}}), false) + h2::data(1, "GET /"));
  CHECK(stream(1).reset);
  CHECK(stream(1).code == kProtocolError);
  CHECK(dialed() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a WebSocket's key is ours alone") {
  say(h2::head(1, connect("websocket", {{"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}}),
               false));
  const std::string sent = asked();
  CHECK(sent.find("dGhlIHNhbXBsZSBub25jZQ==") == std::string::npos);
  CHECK(sent.find("Sec-WebSocket-Key: ") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a head of which fields were left out is refused, however small it is") {
  h2::Lines fields = h2::request("GET", "/");
  for (int i = 0; i < 6'000; ++i) fields.emplace_back("cookie", "k");
  fields.emplace_back("x-http-method-override", "DELETE");
  // More than one frame may hold.
  const std::string block = h2::block(fields);
  std::string frames;
  constexpr std::size_t kFrame = 16'000;
  for (std::size_t at = 0; at < block.size(); at += kFrame) {
    const bool first = at == 0, last = at + kFrame >= block.size();
    frames += h2::frame(
        first ? h2::kHeaders : h2::kContinuation,
        static_cast<std::uint8_t>((first ? h2::kEndStream : 0) | (last ? h2::kEndHeaders : 0)), 1,
        std::string_view(block).substr(at, kFrame));
  }
  say(frames);
  CHECK(stream(1).status() == "431");
  CHECK(dialed() == 0);
  say(h2::head(3, h2::request("GET", "/")));
  CHECK(dialed() == 1);
}

TEST_CASE_FIXTURE(Fixture, "interim responses that a client does not read are dropped") {
  say(h2::head(1, h2::request("GET", "/")));
  client.stream.take_only(0);
  const std::string hint =
      "HTTP/1.1 103 Early Hints\r\nLink: <" + std::string(1'000, '~') + ">\r\n\r\n";
  for (int i = 0; i < 1'000; ++i) respond(hint);
  client.stream.take_only(test::ScriptedStream::kUnlimited);
  respond(answer("200 OK", "last"));
  CHECK(stream(1).body == "last");
  CHECK(stream(1).heads.size() > 1);
  CHECK(stream(1).heads.size() < 100);
}

TEST_CASE_FIXTURE(Fixture, "a drain serves what was on its way, until the client has heard of it") {
  say(h2::head(1, h2::request("GET", "/")));
  world.sessions().drain();
  settle();
  CHECK(reader.goaway() == 0);
  CHECK(reader.count(h2::kGoaway) == 1);
  REQUIRE(reader.count(h2::kPing) == 1);
  say(h2::head(3, h2::request("POST", "/on-its-way")));
  CHECK(dialed() == 2);
  SUBCASE("it says so") {
    say(h2::frame(h2::kPing, h2::kAck, 0, std::string(8, '\0')));
  }
  SUBCASE("it says nothing") {
    world.advance(2s);
    settle();
  }
  CHECK(reader.count(h2::kGoaway) == 2);
  say(h2::head(5, h2::request("GET", "/late")));
  CHECK(dialed() == 2);
  for (const auto& wire : world.at_upstream.wires) wire->give(answer("200 OK", "last"));
  settle();
  CHECK(stream(1).body == "last");
  CHECK(stream(3).body == "last");
  settle();
  CHECK(client.stream.shut_down());
}
