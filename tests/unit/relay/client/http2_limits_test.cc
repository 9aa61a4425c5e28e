// The limits on what clients of HTTP/2 may ask of the proxy: floods, heads, places, time.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/support/said.h"
#include "tests/unit/relay/client/http2_client.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::http2;
using Fixture = Http2Client;

namespace {

constexpr std::uint8_t kPadded = 8;

/// So many requests for /n, from the stream 2n - 1 on.
std::string heads(std::uint32_t n, std::uint32_t count) {
  std::string all;
  for (const std::uint32_t end = n + count; n < end; ++n) {
    all += h2::head(2 * n - 1, h2::request("GET", "/" + std::to_string(n)));
  }
  return all;
}

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

// The world has room for 100 clients. A connection is one, and each stream that is served.

TEST_CASE_FIXTURE(Fixture, "streams beyond what all clients may have wait for a place") {
  say(heads(1, 105));
  CHECK(world.sessions().clients() == 100);
  REQUIRE(dialed() == 99);
  CHECK(asked(3).start_line == "GET /4 HTTP/1.1");
  respond(3, answer("200 OK", "fourth"));
  CHECK(stream(7).ended);
  CHECK(world.sessions().clients() == 100);
  CHECK(asked(3).start_line == "GET /100 HTTP/1.1");
  for (int i = 0; i < 6; ++i) respond(3, answer("200 OK", "more"));
  for (std::uint32_t i = 100; i <= 105; ++i) CHECK(stream(2 * i - 1).body == "more");
  CHECK(world.sessions().clients() == 99);
  CHECK(reader.count(h2::kReset) == 0);
}

TEST_CASE_FIXTURE(Fixture, "a stream that finds no place for 10 s is refused, and may come again") {
  say(heads(1, 101));
  advance(9s);
  CHECK(reader.count(h2::kReset) == 0);
  advance(1s);
  for (const std::uint32_t id : {199u, 201u}) {
    CHECK(stream(id).reset);
    CHECK(stream(id).code == kRefusedStream);
  }
  CHECK(reader.count(h2::kReset) == 2);
  CHECK(asked(0).start_line == "GET /1 HTTP/1.1");
  respond(0, answer("200 OK"));
  say(heads(102, 1));
  CHECK(asked(0).start_line == "GET /102 HTTP/1.1");
}

TEST_CASE_FIXTURE(Fixture, "streams of a connection without a place are served one by one") {
  Wire& others = world.connect();
  others.give(h2::hello() + heads(1, 98));
  settle();
  CHECK(world.sessions().clients() == 100);
  say(heads(1, 3));
  CHECK(dialed() == 99);
  for (const std::uint32_t id : {1u, 3u, 5u}) {
    CHECK_FALSE(stream(id).ended);
    respond(98, answer("200 OK"));
    CHECK(stream(id).status() == "200");
  }
}

TEST_CASE_FIXTURE(Fixture, "a stream that waits for a place may be cancelled, and its body waits") {
  say(heads(1, 99));
  say(h2::head(199, h2::request("PUT", "/cancelled"), false) + h2::data(199, "never") +
      h2::head(201, h2::request("PUT", "/waits"), false) + h2::data(201, "sent"));
  say(h2::reset(199) + h2::data(201, " later", true));
  CHECK(asked(0).start_line == "GET /1 HTTP/1.1");
  respond(0, answer("200 OK"));
  const std::string sent = world.at_upstream.wires.at(0)->stream.take_written();
  CHECK(sent.starts_with("PUT /waits HTTP/1.1\r\n"));
  CHECK(sent.find("sent later") != std::string::npos);
  respond(1, answer("200 OK"));
  CHECK(dialed() == 99);
}

TEST_CASE_FIXTURE(Fixture, "streams without a place when a drain ends are told so, and not sent") {
  say(heads(1, 99));
  say(h2::head(199, h2::request("DELETE", "/waits")) +
      h2::head(201, h2::request("POST", "/pkg.Greeter/Hello",
                                {{"content-type", "application/grpc"}, {"te", "trailers"}})) +
      h2::head(203, h2::request("PUT", "/half"), false) + h2::data(203, "never whole"));
  world.sessions().drain();
  settle();
  CHECK_FALSE(stream(199).ended);
  world.sessions().end_waits();
  settle();
  CHECK(stream(199).status() == "503");
  CHECK(stream(199).value("proxy-status").starts_with("bearer-proxy; error="));
  CHECK(test::says(stream(199).body, "this request still waited; send it again"));
  CHECK(stream(201).value("grpc-status") == "14");  // UNAVAILABLE
  CHECK(stream(203).status() == "503");
  CHECK(dialed() == 99);
  respond(0, answer("200 OK", "in time"));
  CHECK(stream(1).body == "in time");
  CHECK(reader.goaway() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a client that has been idle for a second makes room for a stream") {
  for (int i = 0; i < 99; ++i) world.connect();
  say(heads(1, 3));
  CHECK(dialed() == 1);
  advance(1s);
  CHECK(dialed() == 1);  // they have only come, and may be about to ask for something
  advance(1s);           // nothing else happens
  settle();
  CHECK(dialed() == 3);
  CHECK(asked(1).start_line == "GET /2 HTTP/1.1");
  CHECK(reader.count(h2::kReset) == 0);
}

TEST_CASE_FIXTURE(Fixture, "an idle connection's streams are no reason for it to go itself") {
  for (int i = 0; i < 99; ++i) world.connect();
  advance(2s);
  say(heads(1, 2));
  settle();
  CHECK(dialed() == 2);
  CHECK(reader.goaway() == -1);
}

TEST_CASE_FIXTURE(Fixture, "a stream in its connection's own place sends nobody away") {
  for (int i = 0; i < 99; ++i) world.connect();
  advance(2s);
  const std::size_t clients = world.sessions().clients();
  say(heads(1, 1));
  settle();
  CHECK(dialed() == 1);
  CHECK(world.sessions().clients() == clients + 1);
  CHECK(seen.crowded == 0);
}

TEST_CASE_FIXTURE(Fixture, "a client that asks on and on without a place is sent away") {
  say(heads(1, 1));
  Wire& others = world.connect();
  others.give(h2::hello() + heads(1, 1000));  // as many as may be open, most of which wait
  settle();
  std::uint32_t next = 2;
  const auto ask = [&](std::uint32_t times) {
    say(heads(next, times));
    next += times;
  };
  ask(200);
  CHECK(reader.count(h2::kReset) > 0);
  CHECK(stream(2 * next - 3).code == kRefusedStream);
  for (int i = 0; i < 15; ++i) ask(100);
  CHECK(reader.goaway() == -1);
  advance(9s);
  for (int i = 0; i < 5; ++i) ask(100);
  CHECK(reader.goaway() == -1);
  for (int i = 0; i < 25; ++i) ask(100);
  CHECK(reader.goaway() == kEnhanceYourCalm);
  REQUIRE(seen.failed.size() == 1);
  CHECK(seen.failed[0].find("limit of clients") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture,
                  "an answer that its client never takes is held for 60 s, whatever it asks") {
  say(h2::settings({{4, 0}}) + h2::head(1, h2::request("GET", "/")));
  respond(0, answer("200 OK", "untaken"));
  CHECK(stream(1).status() == "200");
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(stream(1).reset);
    say(h2::frame(h2::kPing, 0, 0, "12345678"));
    advance(20s);
  }
  CHECK(stream(1).reset);
  advance(75s - 1ns);
  CHECK(reader.goaway() == -1);
  advance(1ns);
  CHECK(reader.goaway() == 0);
  CHECK(client.closed);
}

TEST_CASE_FIXTURE(Fixture, "in a turn that takes long a body's window is given back all the same") {
  const std::size_t windows = reader.count(h2::kWindowUpdate);
  world.clock.tick(1ms);
  say(h2::head(1, h2::request("PUT", "/large"), false) + h2::data(1, std::string(16'000, 'a')) +
      h2::data(1, std::string(16'000, 'b')) + h2::data(1, std::string(16'000, 'c')));
  CHECK(reader.count(h2::kWindowUpdate) > windows);
}
