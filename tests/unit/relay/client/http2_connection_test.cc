// Whole exchanges of clients that speak HTTP/2, frame by frame, over scripted streams.
#include "relay/client/http2_connection.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/relay/client/http2_client.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::http2;
using Fixture = Http2Client;

TEST_CASE_FIXTURE(Fixture,
                  "a request over HTTP/2 goes out with the token, its response comes back") {
  say(h2::head(1, h2::request("GET", "/users?page=3", {{"accept", "text/csv"}})));
  const RawMessage sent = asked(0);
  CHECK(sent.start_line == "GET /users?page=3 HTTP/1.1");
  CHECK(sent.has("Host: api.example.com"));
  CHECK(sent.has("accept: text/csv"));
  CHECK(sent.has("Authorization: Bearer one"));
  respond(0, answer("200 OK", "a;b", "Content-Type: text/csv\r\nConnection: x\r\nX: 1\r\n"));
  CHECK(stream(1).status() == "200");
  CHECK(stream(1).value("content-type") == "text/csv");
  CHECK(stream(1).value("content-length") == "3");
  CHECK(stream(1).value("connection").empty());
  CHECK(stream(1).value("x").empty());
  CHECK(stream(1).body == "a;b");
  CHECK(stream(1).ended);
  const test::Observations::Exchange end = seen.exchange(1);
  CHECK(end.status == 200);
  CHECK(end.whole);
}

TEST_CASE_FIXTURE(Fixture, "streams of one connection wait, fail and end each by itself") {
  say(h2::head(1, h2::request("GET", "/slow")) + h2::head(3, h2::request("GET", "/quick")));
  REQUIRE(dialed() == 2);
  respond(1, answer("200 OK", "quick"));
  CHECK(stream(3).ended);
  CHECK(stream(1).heads.empty());
  respond(0, answer("503 Service Unavailable", "", "Retry-After: 3\r\n"));
  say(h2::head(5, h2::request("DELETE", "/x")));
  CHECK(stream(1).heads.empty());
  advance(8s);
  for (const auto& wire : world.at_upstream.wires) wire->give(answer("204 No Content"));
  settle();
  CHECK(stream(1).status() == "204");
  CHECK(stream(1).value("bearer-proxy-attempts") == "2");
  CHECK(stream(5).status() == "204");
  CHECK(reader.goaway() == -1);
}

TEST_CASE_FIXTURE(Fixture, "a body without a length goes on in chunks, and a 401 replays it") {
  world.tokens.issue_when_rejected({"two"});
  say(h2::head(1, h2::request("PUT", "/orders/7"), false) + h2::data(1, "half,"));
  say(h2::data(1, "whole", true));
  const RawMessage first = asked(0);
  CHECK(first.has("Transfer-Encoding: chunked"));
  respond(0, answer("401 Unauthorized", "no"));
  const RawMessage second = asked(0);
  CHECK(second.has("Authorization: Bearer two"));
  CHECK(second.body == first.body);
  respond(0, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + test::chunk("done") +
                 test::chunk(""));
  CHECK(stream(1).status() == "200");
  CHECK(stream(1).value("transfer-encoding").empty());
  CHECK(stream(1).body == "done");
  CHECK(stream(1).ended);
}

TEST_CASE_FIXTURE(Fixture, "a body with a length keeps it") {
  say(h2::head(1, h2::request("POST", "/", {{"content-length", "4"}}), false) +
      h2::data(1, "body", true));
  const std::string sent = world.upstream().stream.take_written();
  CHECK(sent.find("content-length: 4\r\n") != std::string::npos);
  CHECK(sent.ends_with("\r\n\r\nbody"));
}

TEST_CASE_FIXTURE(Fixture, "trailers reach a client that asked for them, interim responses any") {
  say(h2::head(1, h2::request("GET", "/", {{"te", "trailers"}})));
  respond(0,
          "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
              test::chunk("x") + "0\r\nGrpc-Status: 0\r\nSum: 9\r\n\r\n");
  REQUIRE(stream(1).heads.size() == 3);
  CHECK(stream(1).heads[0].front().second == "103");
  CHECK(stream(1).heads[1].front().second == "200");
  CHECK(stream(1).heads[2] == h2::Lines{{"grpc-status", "0"}, {"sum", "9"}});
  CHECK(stream(1).ended);
}

TEST_CASE_FIXTURE(Fixture, "a request's trailers follow its body, in its replay too") {
  world.tokens.issue_when_rejected({"two"});
  say(h2::head(1, h2::request("PUT", "/sums", {{"te", "trailers"}}), false) + h2::data(1, "whole") +
      h2::head(1, {{"x-sum", "5"}, {"authorization", "Bearer own"}, {"x-note", "n"}}));
  const std::string end = "0\r\nx-sum: 5\r\nx-note: n\r\n\r\n";
  const std::string first = world.upstream().stream.take_written();
  CHECK(first.find("Via: 2 bearer-proxy\r\n") != std::string::npos);
  CHECK(first.ends_with("5\r\nwhole\r\n" + end));
  respond(0, answer("401 Unauthorized", "no"));
  const std::string second = world.upstream().stream.take_written();
  CHECK(second.find("Authorization: Bearer two\r\n") != std::string::npos);
  CHECK(second.ends_with("5\r\nwhole\r\n" + end));
  respond(0, answer("200 OK", "x"));
  CHECK(stream(1).status() == "200");
}

TEST_CASE_FIXTURE(Fixture, "crumbs of a cookie become one field, and an equal Host stays one") {
  say(h2::head(
      1, h2::request("GET", "/", {{"cookie", "a=1"}, {"host", "localhost"}, {"cookie", "b=2"}})));
  const RawMessage sent = asked(0);
  CHECK(sent.has("cookie: a=1; b=2"));
  CHECK(sent.has("Host: api.example.com"));
}

TEST_CASE_FIXTURE(Fixture, "a Host that is another than the authority is refused") {
  say(h2::head(1, h2::request("GET", "/", {{"host", "other"}})));
  CHECK(stream(1).status() == "400");
  CHECK(dialed() == 0);
  say(h2::head(3, h2::request("GET", "/")));
  CHECK(dialed() == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "an answer to HEAD, a 204 and a 304 have no body, whatever they announce") {
  say(h2::head(1, h2::request("HEAD", "/")));
  respond(0, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n");
  CHECK(stream(1).value("content-length") == "900");
  CHECK(stream(1).ended);
  say(h2::head(3, h2::request("GET", "/")));
  respond(0, "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n");
  CHECK(stream(3).status() == "304");
  CHECK(stream(3).ended);
  CHECK(stream(3).body.empty());
}

TEST_CASE_FIXTURE(Fixture, "a stream that its client resets ends its exchange, and no other") {
  say(h2::head(1, h2::request("GET", "/left")) + h2::head(3, h2::request("GET", "/stays")));
  REQUIRE(dialed() == 2);
  say(h2::reset(1));
  CHECK(world.at_upstream.wires[0]->closed);
  CHECK_FALSE(world.at_upstream.wires[1]->closed);
  CHECK(seen.exchange(1).status == 0);
  respond(1, answer("200 OK", "still"));
  CHECK(stream(3).body == "still");
  CHECK(reader.goaway() == -1);
}

TEST_CASE_FIXTURE(Fixture, "a connection that is lost ends every exchange on it") {
  say(h2::head(1, h2::request("GET", "/1")) + h2::head(3, h2::request("GET", "/2")));
  REQUIRE(dialed() == 2);
  client.break_off();
  settle();
  for (const auto& wire : world.at_upstream.wires) CHECK(wire->closed);
  CHECK(world.sessions().clients() == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "a response that breaks off ends its stream with an error, not its end") {
  say(h2::head(1, h2::request("GET", "/")));
  respond(0, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  world.at_upstream.wires[0]->end();
  settle();
  CHECK(stream(1).body == "half");
  CHECK_FALSE(stream(1).ended);
  CHECK(stream(1).reset);
  CHECK(stream(1).code == kInternalError);
  CHECK(seen.cuts() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a slow reader of one stream holds no other, and has all in the end") {
  say(h2::head(1, h2::request("GET", "/large")) + h2::head(3, h2::request("GET", "/small")));
  REQUIRE(dialed() == 2);
  const std::string large(300'000, 'l');
  respond(0, answer("200 OK", large));
  CHECK(stream(1).body.size() == 65'535);  // what its window takes
  say(h2::window(0, 1 << 20));             // the connection's is no hindrance
  respond(1, answer("200 OK", "small"));
  CHECK(stream(3).body == "small");
  CHECK(stream(1).body.size() == 65'535);
  for (int i = 0; i < 30 && !stream(1).ended; ++i) say(h2::window(1, 10'000));
  CHECK(stream(1).ended);
  CHECK(stream(1).body == large);
}

TEST_CASE_FIXTURE(Fixture, "a body that nobody takes fills its window and no more, others flow") {
  world.at_upstream.next = test::RelayWorld::Upstream::Dialing::hangs;
  say(h2::head(1, h2::request("PUT", "/held"), false));
  const std::string piece(16'000, 'p');
  for (int i = 0; i < 4; ++i) say(h2::data(1, piece));
  say(h2::head(3, h2::request("PUT", "/flows"), false));
  const std::string other(16'000, 'o');
  std::string got;
  for (int i = 0; i < 20; ++i) {
    say(h2::data(3, other));
    got += world.at_upstream.wires.at(0)->stream.take_written();
  }
  CHECK(got.size() > 20 * other.size());
  CHECK(reader.goaway() == -1);
  say(h2::data(1, piece));  // beyond the window of 64 KiB
  CHECK((stream(1).reset || reader.goaway() != -1));
}

TEST_CASE_FIXTURE(
    Fixture,
    "an answer given before the body has come ends the exchange, and the rest is dropped") {
  say(h2::head(1, h2::request("TRACE", "/"), false) + h2::data(1, "some"));
  CHECK(stream(1).status() == "405");
  CHECK(stream(1).ended);
  // More of it is dropped: a reset could be taken for the answer's loss.
  for (int i = 0; i < 20; ++i) say(h2::data(1, std::string(16'000, 'm')));
  CHECK_FALSE(stream(1).reset);
  CHECK(reader.goaway() == -1);
  say(h2::data(1, "end", true) + h2::head(3, h2::request("GET", "/")));
  CHECK(dialed() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a drain lets streams finish, begins no more, and ends the connection") {
  say(h2::head(1, h2::request("GET", "/")));
  world.sessions().drain();
  settle();
  CHECK(reader.goaway() == 0);
  say(h2::frame(h2::kPing, h2::kAck, 0, std::string(8, '\0')));
  say(h2::head(3, h2::request("GET", "/late")));
  CHECK(dialed() == 1);
  respond(0, answer("200 OK", "last"));
  CHECK(stream(1).body == "last");
  client.end();
  settle();
  CHECK(world.sessions().clients() == 0);
}

TEST_CASE_FIXTURE(Fixture, "an idle connection is told to go after 75 s, one that is used is not") {
  say(h2::frame(h2::kSettings, h2::kAck, 0));
  advance(70s);
  say(h2::head(1, h2::request("GET", "/")));
  advance(20s);
  respond(0, answer("200 OK"));
  advance(74s);
  CHECK(reader.goaway() == -1);
  advance(2s);
  CHECK(reader.goaway() == 0);
  CHECK(world.sessions().clients() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a head over 64 KiB is answered with 431, and the connection goes on") {
  say(h2::head(1, h2::request("GET", "/",
                              {{"x", std::string(40'000, 'x')}, {"y", std::string(30'000, 'y')}})));
  CHECK(stream(1).status() == "431");
  say(h2::head(3, h2::request("GET", "/" + std::string(20'000, 'p'))));
  CHECK(stream(3).status() == "414");
  say(h2::head(5, h2::request("GET", "/")));
  CHECK(dialed() == 1);
}

TEST_CASE_FIXTURE(Fixture, "what is no HTTP/2 request is reset, and never reaches the upstream") {
  const std::vector<h2::Lines> malformed = {
      {{":method", "GET"}, {":scheme", "http"}, {":authority", "localhost"}},  // no path
      h2::request("GET", "/", {{"Upper", "x"}}),
      h2::request("GET", "/", {{"connection", "close"}}),
      h2::request("GET", "/", {{"transfer-encoding", "chunked"}}),
      h2::request("GET", "/", {{"te", "gzip"}}),
      h2::request("GET", "/", {{"x", "a\r\nb: c"}}),
      h2::request("GET", "/", {{":path", "/second"}}),
      h2::request("GET", "/", {{"x", "1"}, {":late", "1"}}),
      h2::request("GET", "/", {{"x y", "1"}}),
      {{":method", "GET"}, {":scheme", "ftp"}, {":authority", "localhost"}, {":path", "x://y/"}},
  };
  std::uint32_t id = 1;
  for (const h2::Lines& fields : malformed) {
    CAPTURE(id);
    say(h2::head(id, fields));
    CHECK(stream(id).reset);
    CHECK(stream(id).code == kProtocolError);
    CHECK(stream(id).heads.empty());
    id += 2;
  }
  say(h2::head(id, h2::request("POST", "/", {{"content-length", "3"}}), false) +
      h2::data(id, "four", true));
  CHECK(stream(id).reset);
  CHECK(reader.goaway() == -1);
  for (const auto& wire : world.at_upstream.wires) CHECK(wire->closed);
}

TEST_CASE_FIXTURE(Fixture, "frames out of order end the connection with their reason") {
  say(h2::data(7, "of no stream"));
  CHECK(reader.goaway() == kProtocolError);
  CHECK(client.stream.shut_down());
  CHECK(seen.failed == std::vector<std::string>{"PROTOCOL_ERROR"});
}

TEST_CASE_FIXTURE(Fixture, "HTTP/2 after a request of HTTP/1.1 is no beginning of a connection") {
  Wire& other = world.connect();
  other.give(test::get("/1"));
  settle();
  respond(0, answer("200 OK"));
  other.stream.take_written();
  other.give(h2::hello());
  settle();
  CHECK(other.stream.take_written().starts_with("HTTP/1.1 400"));
}

// ── WebSockets. ──

TEST_CASE_FIXTURE(Fixture, "a CONNECT for a WebSocket reaches the upstream as an Upgrade") {
  say(h2::head(1,
               {{":method", "CONNECT"},
                {":protocol", "websocket"},
                {":scheme", "http"},
                {":authority", "localhost"},
                {":path", "/feed"},
                {"sec-websocket-version", "13"}},
               false));
  const RawMessage sent = asked(0);
  CHECK(sent.start_line == "GET /feed HTTP/1.1");
  CHECK(sent.has("Upgrade: websocket"));
  CHECK(sent.has("Connection: Upgrade"));
  CHECK(sent.value("Sec-WebSocket-Key").size() == 24);
  CHECK(sent.has("Authorization: Bearer one"));
  respond(0,
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: abc\r\nSec-WebSocket-Protocol: chat\r\n\r\nhello");
  CHECK(stream(1).status() == "200");
  CHECK(stream(1).value("sec-websocket-protocol") == "chat");
  CHECK(stream(1).value("sec-websocket-accept").empty());
  CHECK(stream(1).body == "hello");
  say(h2::data(1, "up"));
  CHECK(world.at_upstream.wires[0]->stream.take_written() == "up");
  say(h2::data(1, "", true));
  CHECK(world.at_upstream.wires[0]->stream.shut_down());
  world.at_upstream.wires[0]->end();
  settle();
  CHECK(stream(1).ended);
}

TEST_CASE_FIXTURE(Fixture, "a CONNECT without a protocol is refused as in HTTP/1.1") {
  say(h2::head(1, {{":method", "CONNECT"}, {":authority", "example.com:443"}}, false));
  CHECK(stream(1).status() == "405");
  CHECK(dialed() == 0);
}
