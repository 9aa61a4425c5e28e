// The limits on what clients of HTTP/2 may ask of the proxy: floods, heads, places, time.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/unit/relay/client/http2_client.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::http2;
using Fixture = Http2Client;

namespace {

constexpr std::uint8_t kPadded = 8;

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "requests that are taken back at once end the connection (rapid reset)") {
  std::uint32_t id = 1;
  for (int i = 0; i < 150; ++i, id += 2) {
    say(h2::head(id, h2::request("GET", "/")) + h2::reset(id));
  }
  CHECK(reader.goaway() == -1);
  for (int i = 0; i < 100; ++i, id += 2) {
    say(h2::head(id, h2::request("GET", "/")) + h2::reset(id));
  }
  CHECK(reader.goaway() == kEnhanceYourCalm);
  CHECK(dialed() == 0);  // taken back before anybody began to serve them
  REQUIRE(seen.failed.size() == 1);
  CHECK(seen.failed[0].find("taken back") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "requests that are taken back without an error are taken back") {
  std::uint32_t id = 1;
  for (int i = 0; i < 300 && reader.goaway() == -1; ++i, id += 2) {
    say(h2::head(id, h2::request("GET", "/")) + h2::reset(id, 0));
  }
  CHECK(reader.goaway() == kEnhanceYourCalm);
}

TEST_CASE_FIXTURE(Fixture, "requests that end well are none that were taken back") {
  std::uint32_t id = 1;
  for (int i = 0; i < 300; ++i, id += 2) {
    say(h2::head(id, h2::request("GET", "/")));
    respond(0, answer("200 OK", "x"));
    REQUIRE(stream(id).ended);
  }
  CHECK(reader.goaway() == -1);
}

TEST_CASE_FIXTURE(Fixture, "requests that are taken back after a while are no flood") {
  std::uint32_t id = 1;
  for (int round = 0; round < 30; ++round) {
    std::string heads, resets;
    for (int i = 0; i < 20; ++i, id += 2) {
      heads += h2::head(id, h2::request("GET", "/"));
      resets += h2::reset(id);
    }
    say(heads);
    advance(1s);
    say(resets);
  }
  CHECK(reader.goaway() == -1);
  CHECK(seen.failed.empty());
}

TEST_CASE_FIXTURE(Fixture, "streams that are made to be reset by us count as taken back") {
  std::uint32_t id = 1;
  for (int i = 0; i < 300 && reader.goaway() == -1; ++i, id += 2) {
    say(h2::head(id, h2::request("GET", "/"), false) + h2::window(id, 0x7fffffff));
  }
  CHECK(reader.goaway() == kEnhanceYourCalm);
}

TEST_CASE_FIXTURE(Fixture, "a flood of frames that bring nobody further ends the connection") {
  const std::vector<std::string> frames = {
      h2::frame(h2::kPing, 0, 0, "12345678"),
      h2::settings({{4, 70'000}}),
      h2::data(1, ""),
      h2::frame(h2::kPriority, 0, 9, h2::number(0) + "x"),
      h2::frame(h2::kData, kPadded, 1, std::string("\x09") + std::string(9, '\0')),
      h2::frame(0xb7, 0x5, 0, "unknown"),
      h2::frame(0x10, 0, 0, h2::number(1) + "u=1"),
  };
  for (const std::string& frame : frames) {
    CAPTURE(static_cast<int>(frame[3]));  // its type
    Fixture other;
    other.say(h2::head(1, h2::request("PUT", "/"), false));
    std::string many;
    for (int i = 0; i < 500; ++i) many += frame;
    for (int i = 0; i < 3; ++i) other.say(many);
    CHECK(other.reader.goaway() == -1);
    for (int i = 0; i < 3; ++i) other.say(many);
    CHECK(other.reader.goaway() == kEnhanceYourCalm);
    CHECK(other.seen.failed.size() == 1);
  }
}

TEST_CASE_FIXTURE(Fixture, "pings beside requests are no flood") {
  std::string body;
  say(h2::head(1, h2::request("PUT", "/"), false));
  for (int i = 0; i < 100; ++i) {
    std::string some;
    for (int n = 0; n < 50; ++n) some += h2::data(1, "x") + h2::frame(h2::kPing, 0, 0, "abcdefgh");
    say(some);
  }
  std::string windows;
  for (int i = 0; i < 5'000; ++i) windows += h2::window(0, 1) + h2::window(1, 1);
  say(windows);
  CHECK(reader.goaway() == -1);
}

TEST_CASE_FIXTURE(Fixture, "a head without an end ends the connection (CONTINUATION flood)") {
  const std::string some = h2::block({{"x", std::string(100, 'x')}});
  say(h2::frame(h2::kHeaders, h2::kEndStream, 1, h2::block(h2::request("GET", "/"))));
  for (int i = 0; i < 50 && reader.goaway() == -1; ++i) {
    say(h2::frame(h2::kContinuation, 0, 1, some));
  }
  CHECK(reader.goaway() != -1);
  CHECK(world.sessions().clients() <= 1);
  CHECK(dialed() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a head must come whole within 10 s of its beginning") {
  say(h2::frame(h2::kSettings, h2::kAck, 0) + h2::head(1, h2::request("GET", "/slow")));
  say(h2::frame(h2::kHeaders, h2::kEndStream, 3, h2::block(h2::request("GET", "/"))));
  advance(9s);
  CHECK(reader.goaway() == -1);
  advance(2s);
  CHECK(reader.goaway() == 0);
  CHECK(client.stream.shut_down());
  CHECK(world.upstream().closed);
}

TEST_CASE_FIXTURE(Fixture, "a head that unpacks to megabytes ends the connection (HPACK bomb)") {
  // An entry of the table, then its index (62) again and again.
  std::string block = h2::block(h2::request("GET", "/"));
  block += '\x40';
  block += h2::block({{"x", std::string(3'900, 'b')}}).substr(1);
  block += std::string(10'000, '\xbe');
  say(h2::frame(h2::kHeaders, h2::kEndHeaders | h2::kEndStream, 1, block));
  CHECK(reader.goaway() == kEnhanceYourCalm);
  CHECK(dialed() == 0);
}

TEST_CASE_FIXTURE(Fixture, "what a client that does not read asks for is not read either") {
  say(h2::head(1, h2::request("PUT", "/"), false));
  client.stream.take_only(0);
  std::string many;
  for (int i = 0; i < 50; ++i) many += h2::data(1, "x") + h2::frame(h2::kPing, 0, 0, "12345678");
  for (int i = 0; i < 300; ++i) say(many);
  const std::string taken = world.upstream().stream.take_written();
  CHECK(taken.size() > 1'000);
  const int before = client.stream.reads();
  say(many);
  CHECK(client.stream.reads() == before);
  CHECK(world.upstream().stream.written().empty());
  client.stream.take_only(test::ScriptedStream::kUnlimited);
  settle();
  CHECK_FALSE(world.upstream().stream.written().empty());
  CHECK(reader.goaway() == -1);
}

TEST_CASE_FIXTURE(Fixture, "streams beyond what all clients may have are refused, unread") {
  // The world has room for 100, the connection among them.
  std::string many;
  std::uint32_t id = 1;
  for (int i = 0; i < 105; ++i, id += 2) many += h2::head(id, h2::request("GET", "/"));
  say(many);
  CHECK(world.sessions().clients() == 100);
  CHECK(stream(id - 2).reset);
  CHECK(stream(id - 2).code == kRefusedStream);
  CHECK_FALSE(stream(1).reset);
}

TEST_CASE_FIXTURE(Fixture, "a client that asks on and on without a place is sent away") {
  for (int i = 0; i < 99; ++i) world.connect();
  std::uint32_t id = 1;
  const auto ask = [&](int times) {
    std::string many;
    for (int i = 0; i < times; ++i, id += 2) many += h2::head(id, h2::request("GET", "/"));
    say(many);
  };
  for (int i = 0; i < 15; ++i) ask(100);
  CHECK(reader.goaway() == -1);
  CHECK(stream(id - 2).code == kRefusedStream);
  advance(60s);
  for (int i = 0; i < 15; ++i) ask(100);
  CHECK(reader.goaway() == -1);
  for (int i = 0; i < 15; ++i) ask(100);
  CHECK(reader.goaway() == kEnhanceYourCalm);
  REQUIRE(seen.failed.size() == 1);
  CHECK(seen.failed[0].find("limit of clients") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a connection's only stream has the connection's own place") {
  for (int i = 0; i < 99; ++i) world.connect();
  say(h2::head(1, h2::request("GET", "/")) + h2::head(3, h2::request("GET", "/")));
  CHECK_FALSE(stream(1).reset);
  CHECK(stream(3).code == kRefusedStream);
  respond(0, answer("200 OK"));
  say(h2::head(5, h2::request("GET", "/")));
  CHECK_FALSE(stream(5).reset);
}

TEST_CASE_FIXTURE(Fixture,
                  "an answer that its client never takes is held for 75 s, whatever it asks") {
  say(h2::settings({{4, 0}}) + h2::head(1, h2::request("GET", "/")));
  respond(0, answer("200 OK", "untaken"));
  CHECK(stream(1).status() == "200");
  for (int i = 0; i < 3; ++i) {
    advance(20s);
    say(h2::frame(h2::kPing, 0, 0, "12345678"));
    CHECK(reader.goaway() == -1);
  }
  advance(15s);
  CHECK(reader.goaway() == 0);
  CHECK(client.stream.shut_down());
}

TEST_CASE_FIXTURE(Fixture, "in a turn that takes long a body's window is given back all the same") {
  const std::size_t windows = reader.count(h2::kWindowUpdate);
  world.clock.tick(1ms);
  say(h2::head(1, h2::request("PUT", "/large"), false) + h2::data(1, std::string(16'000, 'a')) +
      h2::data(1, std::string(16'000, 'b')) + h2::data(1, std::string(16'000, 'c')));
  CHECK(reader.count(h2::kWindowUpdate) > windows);
}
