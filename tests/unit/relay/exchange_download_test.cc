// A download that breaks off.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/support/observations.h"
#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"
#include "tests/unit/relay/exchange_fixture.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::exchanging;

TEST_CASE_FIXTURE(Fixture,
                  "a response streams as it comes, and what breaks off is not made whole") {
  Wire& client = ask(get());
  respond("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
  CHECK(client.stream.written().ends_with("\r\n\r\nab"));
  world.upstream().end();
  world.settle();
  CHECK(client.stream.shut_down());
  CHECK_FALSE(seen.exchange(1).whole);

  Wire& endless = ask("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n");
  respond("HTTP/1.1 200 OK\r\n\r\nab");
  world.upstream().break_off();
  world.settle();
  CHECK(endless.stream.breaks_on_close());  // only so is it told from a whole one
}

namespace {

std::string part(std::string_view range, std::string_view body, std::string_view etag = "\"v1\"") {
  return answer(
      "206 Partial Content", std::string(body),
      "Content-Range: bytes " + std::string(range) + "\r\nETag: " + std::string(etag) + "\r\n");
}
const std::string kBegun = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"v1\"\r\n\r\n0123";

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a download that breaks off goes on where it was, and the client sees one") {
  Wire& client = ask(get("/file", "If-None-Match: \"old\"\r\n"));
  CHECK(take(world.upstream()).value("Range").empty());
  respond(kBegun);
  world.upstream().break_off();
  world.settle();
  REQUIRE(upstream_was_dialed(2));
  const RawMessage rest = take(world.upstream());
  CHECK(rest.start_line == "GET /file HTTP/1.1");
  CHECK(rest.has("Range: bytes=4-9"));
  CHECK(rest.has("If-Range: \"v1\""));
  CHECK(rest.has("Authorization: Bearer one"));
  CHECK(rest.value("If-None-Match").empty());
  respond("HTTP/1.1 103 Early Hints\r\n\r\n" + part("4-9/10", "456789"));
  CHECK(take(client).body == "0123456789");
  const test::Observations::Exchange end = seen.exchange(1);
  CHECK(end.whole);
  CHECK(end.response_bytes == 10);
}

TEST_CASE_FIXTURE(Fixture, "on the way a dead token is renewed and a busy upstream waited for") {
  world.tokens.issue_when_rejected({"two"});
  Wire& client = ask(get("/file"));
  respond(kBegun);
  world.upstream().end();
  world.settle();
  world.upstream().stream.take_written();
  respond(answer("401 Unauthorized"));
  CHECK(take(world.upstream()).has("Authorization: Bearer two"));
  respond(answer("429 Too Many Requests", "", kWait));
  world.advance(4s);
  CHECK(take(world.upstream()).has("Range: bytes=4-9"));
  respond(part("4-9/10", "456789"));
  CHECK(take(client).body == "0123456789");
}

TEST_CASE_FIXTURE(Fixture, "what does not continue a download byte for byte cuts it") {
  for (const std::string& response :
       {answer("200 OK", "0123456789", "ETag: \"v1\"\r\n"), part("3-8/10", "345678"),
        part("4-9/11", "456789"), part("4-9/10", "456789", "\"v2\""),
        part("4-9/10", "456789", "W/\"v1\""), answer("416 Range Not Satisfiable"),
        answer("404 Not Found", "gone")}) {
    CAPTURE(response);
    Wire& client = ask(get("/file"));
    respond(kBegun);
    world.upstream().break_off();
    world.settle();
    respond(response);
    CHECK(client.stream.shut_down());
    CHECK(client.stream.take_written().ends_with("\r\n\r\n0123"));
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "a download without a strong validator, or with the setting off, is cut") {
  use([](relay::RouteOptions& route) { route.resume_downloads = false; });
  Wire& off = ask(get("/file"));
  respond(kBegun);
  world.upstream().break_off();
  world.settle();
  CHECK(off.stream.shut_down());
  use([](relay::RouteOptions&) {});
  Wire& weak = ask(get("/file"));
  respond("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: W/\"v1\"\r\n\r\n0123");
  world.upstream().break_off();
  world.settle();
  CHECK(weak.stream.shut_down());
}

TEST_CASE_FIXTURE(Fixture, "a download that gets nowhere waits between its tries, and ends") {
  use([](relay::RouteOptions& route) { route.retry.max_retries = 2; });
  Wire& client = ask(get("/file"));
  respond(kBegun);
  for (std::size_t dialed = 2; dialed <= 4; ++dialed) {
    world.upstream().break_off();
    world.settle();
    if (dialed > 2) world.advance(10s);
    REQUIRE(upstream_was_dialed(dialed));
    respond(
        "HTTP/1.1 206 Partial Content\r\nContent-Length: 6\r\nContent-Range: bytes 4-9/10\r\n"
        "ETag: \"v1\"\r\n\r\n");
  }
  world.upstream().break_off();
  world.settle();
  CHECK(client.stream.shut_down());
  CHECK(upstream_was_dialed(4));
}
