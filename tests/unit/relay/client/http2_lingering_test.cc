// Clients that still send on a stream of HTTP/2 whose answer they have.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "relay/client/lingering.h"
#include "tests/unit/relay/client/http2_client.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::http2;

namespace {

constexpr std::uint32_t kNoError = 0;

struct Fixture : Http2Client {
  /// A client in the middle of an upload on that stream, which the upstream refuses.
  void refused_early(std::uint32_t id, std::string_view body = "too much") {
    say(h2::head(id, h2::request("PUT", "/big"), false) + h2::data(id, "some"));
    respond(dialed() - 1, answer("413 Content Too Large", body));
    CHECK(stream(id).status() == "413");
  }
  void ends_without_error(std::uint32_t id) {
    CHECK(stream(id).ended);
    CHECK(stream(id).reset);
    CHECK(stream(id).code == kNoError);
    CHECK(reader.goaway() == -1);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a stream whose client is silent for 5 s after its answer ends then") {
  refused_early(1);
  CHECK(stream(1).ended);
  advance(3s);
  say(h2::data(1, "more"));
  advance(5s - 1ns);
  CHECK_FALSE(stream(1).reset);
  advance(1ns);
  ends_without_error(1);
  say(h2::head(3, h2::request("GET", "/next")));
  respond(dialed() - 1, answer("200 OK", "next"));
  CHECK(stream(3).body == "next");
}

TEST_CASE_FIXTURE(Fixture, "a stream whose client sends for 30 s after its answer ends then") {
  refused_early(1);
  for (int i = 0; i < 9; ++i) {
    advance(3s);
    say(h2::data(1, std::string(16'000, 'm')));
  }
  advance(3s - 1ns);
  CHECK_FALSE(stream(1).reset);
  say(h2::data(1, "m"));
  advance(1ns);
  ends_without_error(1);
  // What was on its way is nobody's.
  say(h2::data(1, "late", true) + h2::head(3, h2::request("GET", "/next")));
  CHECK(dialed() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a stream whose client ends its body in time ends with it") {
  refused_early(1);
  for (int i = 0; i < 20; ++i) say(h2::data(1, std::string(16'000, 'm')));
  CHECK_FALSE(stream(1).reset);
  say(h2::data(1, "", true));
  ends_without_error(1);
}

TEST_CASE_FIXTURE(Fixture, "a stream whose request ends before its answer is not reset") {
  say(h2::head(1, h2::request("PUT", "/"), false) + h2::data(1, "all", true));
  respond(0, answer("200 OK", "x"));
  advance(1min);
  CHECK(stream(1).ended);
  CHECK_FALSE(stream(1).reset);
}

TEST_CASE_FIXTURE(Fixture, "the end of a body of known length may come in a frame of its own") {
  say(h2::head(1, h2::request("PUT", "/", {{"content-length", "4"}}), false) + h2::data(1, "body"));
  respond(0, answer("200 OK", "taken"));
  CHECK(stream(1).body == "taken");
  CHECK_FALSE(stream(1).reset);
  say(h2::data(1, "", true));
  ends_without_error(1);
}

TEST_CASE_FIXTURE(Fixture, "an answer that its reader takes slowly is whole before its 5 s begin") {
  const std::string body(70'000, 'l');
  refused_early(1, body);
  CHECK(stream(1).body.size() == 65'535);
  advance(6s);
  CHECK_FALSE(stream(1).reset);
  say(h2::data(1, "more"));
  say(h2::window(0, 1 << 20) + h2::window(1, 1 << 20));
  CHECK(stream(1).body == body);
  CHECK_FALSE(stream(1).reset);
  advance(5s);
  ends_without_error(1);
}

TEST_CASE_FIXTURE(Fixture, "a drain gives who still sends on a stream 2 s") {
  refused_early(1);
  world.sessions().drain();
  settle();
  advance(1s);
  say(h2::data(1, "more"));
  CHECK_FALSE(stream(1).reset);
  advance(1s);
  CHECK(stream(1).reset);
  CHECK(stream(1).code == kNoError);
}

TEST_CASE_FIXTURE(Fixture, "after an early success the rest of a stream's body goes on") {
  say(h2::head(1, h2::request("PUT", "/job"), false) + h2::data(1, "some"));
  respond(0, answer("202 Accepted", "accepted"));
  CHECK(stream(1).body == "accepted");
  CHECK(stream(1).ended);
  advance(20s);
  say(h2::data(1, "rest", true));
  CHECK(world.upstream().stream.take_written().ends_with("4\r\nrest\r\n0\r\n\r\n"));
  ends_without_error(1);
  say(h2::head(3, h2::request("GET", "/next")));
  respond(0, answer("200 OK", "next"));
  CHECK(stream(3).body == "next");
  CHECK(seen.uploads_cut() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a gRPC call that ends early is over, whatever its client still sends") {
  say(h2::head(
          1,
          h2::request("POST", "/a.B/C", {{"content-type", "application/grpc"}, {"te", "trailers"}}),
          false) +
      h2::data(1, "some"));
  respond(0,
          "HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\nTransfer-Encoding: chunked\r\n\r\n"
          "0\r\nGrpc-Status: 3\r\n\r\n");
  CHECK(stream(1).ended);
  CHECK(world.at_upstream.wires[0]->closed);
  CHECK(seen.uploads_cut() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a WebSocket that is refused leaves no stream behind") {
  say(h2::head(1,
               {{":method", "CONNECT"},
                {":protocol", "websocket"},
                {":scheme", "http"},
                {":authority", "localhost"},
                {":path", "/chat"}},
               false));
  respond(0, answer("403 Forbidden", "no"));
  CHECK(stream(1).body == "no");
  say(h2::data(1, "too early"));
  advance(5s);
  ends_without_error(1);
}
