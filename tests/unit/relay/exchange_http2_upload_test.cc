// Uploads over HTTP/2 to an upstream whose windows do not let their end out.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "relay/options.h"
#include "tests/support/h2_frames.h"
#include "tests/support/raw_message.h"
#include "tests/unit/relay/exchange_fixture.h"

using namespace bearer;
using namespace std::chrono_literals;
namespace exchanging = bearer::test::exchanging;
namespace h2 = bearer::test::h2;

namespace {

constexpr std::uint32_t kCancel = 8;

/// A client of HTTP/1.1 before an upstream of HTTP/2 that takes 65,535 bytes of each connection.
struct Fixture : exchanging::Fixture {
  Fixture() {
    use([](relay::RouteOptions& route) {
      route.upstream_http = relay::UpstreamHttp::http_2;
      route.idle_timeout = 9s;
      route.response_timeout = 300s;
    });
    world.at_upstream.greeting = {h2::settings()};
  }
  exchanging::Wire& uploads(std::size_t bytes) {
    exchanging::Wire& client = ask(test::post(std::string(bytes, 'u')));
    settle();
    return client;
  }
  void say(std::string_view frames) {
    world.upstream().give(frames);
    settle();
  }
  void advance(base::Duration time) {
    world.advance(time);
    settle();
  }
  void settle() {
    constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for (int turn = 0; turn < 3; ++turn) world.settle();
    std::string written = world.upstream().stream.take_written();
    if (written.starts_with(kPreface)) written.erase(0, kPreface.size());
    upstream.feed(written);
  }
  void answers(std::string_view status) { say(h2::head(1, {{":status", std::string(status)}})); }
  std::uint64_t in_flight() const {
    std::uint64_t all = 0;
    for (const auto& [label, route] : world.totals().routes) all += route.in_flight;
    return all;
  }

  test::H2Reader upstream;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "after an early success the end of an upload waits for the window") {
  exchanging::Wire& client = uploads(70'000);
  CHECK(upstream.stream(1).body.size() == 65'535);
  answers("202");
  CHECK(exchanging::take(client).status() == 202);
  CHECK(in_flight() == 1);
  SUBCASE("and goes when that opens, however late, as long as it moves") {
    for (int i = 0; i < 4; ++i) {
      advance(8s);
      say(h2::window(0, 1'000) + h2::window(1, 1'000));
    }
    CHECK(in_flight() == 1);
    say(h2::window(0, 465) + h2::window(1, 465));
    CHECK(upstream.stream(1).body.size() == 70'000);
    CHECK(upstream.stream(1).ended);
    CHECK_FALSE(upstream.stream(1).reset);
    CHECK(seen.uploads_cut() == 0);
  }
  SUBCASE("and goes also where a reload came between") {
    use([](relay::RouteOptions& route) { route.upstream_http = relay::UpstreamHttp::http_2; });
    settle();
    say(h2::window(0, 4'465) + h2::window(1, 4'465));
    CHECK(upstream.stream(1).body.size() == 70'000);
    CHECK(upstream.stream(1).ended);
  }
  SUBCASE("for the idle timeout at most, which is said") {
    advance(9s - 1ns);
    CHECK(in_flight() == 1);
    advance(1ns);
    CHECK(upstream.stream(1).reset);
    CHECK(upstream.stream(1).code == kCancel);
    CHECK(seen.uploads_cut() == 1);
  }
  SUBCASE("unless the upstream wants no more, which is said too") {
    say(h2::reset(1, 0));
    CHECK(seen.uploads_cut() == 1);
  }
  CHECK(in_flight() == 0);
  CHECK(seen.exchange(1).whole);
}

TEST_CASE_FIXTURE(Fixture, "after an early refusal an upload's stream is reset at once") {
  exchanging::Wire& client = uploads(70'000);
  answers("413");
  CHECK(exchanging::take(client).status() == 413);
  settle();
  CHECK(upstream.stream(1).reset);
  CHECK(upstream.stream(1).code == kCancel);
  CHECK(in_flight() == 0);
  CHECK(seen.uploads_cut() == 0);
}

TEST_CASE_FIXTURE(Fixture, "an upstream that stops taking the end of an upload is late as any is") {
  exchanging::Wire& client = uploads(70'000);
  advance(8s);
  say(h2::window(0, 100) + h2::window(1, 100));
  advance(8s);
  CHECK(exchanging::nothing_at(client));
  advance(1s);
  const exchanging::RawMessage reply = exchanging::take(client);
  CHECK(reply.status() == 504);
  CHECK(reply.body.find("stopped taking the request's body") != std::string::npos);
  CHECK(upstream.stream(1).reset);
}

TEST_CASE_FIXTURE(Fixture,
                  "an upload that the windows let out has its time for an answer at once") {
  exchanging::Wire& client = uploads(60'000);
  CHECK(upstream.stream(1).ended);
  advance(299s);
  CHECK(exchanging::nothing_at(client));
  answers("200");
  CHECK(exchanging::take(client).status() == 200);
}

TEST_CASE_FIXTURE(Fixture, "a stream that ends with the end of its upload is free for the next") {
  world.at_upstream.greeting = {h2::settings({{3, 1}})};  // one at a time
  exchanging::Wire& first = uploads(70'000);
  world.at_upstream.next = test::RelayWorld::Upstream::Dialing::hangs;  // no second connection
  exchanging::Wire& next = ask(test::get("/next"));
  settle();
  answers("202");
  CHECK(exchanging::take(first).status() == 202);
  CHECK(exchanging::nothing_at(next));
  say(h2::window(0, 10'000) + h2::window(1, 10'000));
  CHECK(upstream.stream(1).ended);
  CHECK(upstream.stream(3).value(":path") == "/next");
  say(h2::head(3, {{":status", "204"}}));
  CHECK(exchanging::take(next).status() == 204);
}

TEST_CASE_FIXTURE(Fixture,
                  "a stream that ends as its client sends the last bytes is free at once") {
  world.at_upstream.greeting = {h2::settings({{3, 1}})};
  exchanging::Wire& first =
      ask("PUT /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\nhalf");
  settle();
  world.at_upstream.next = test::RelayWorld::Upstream::Dialing::hangs;
  exchanging::Wire& next = ask(test::get("/next"));
  settle();
  answers("202");
  CHECK(exchanging::take(first).status() == 202);
  CHECK(exchanging::nothing_at(next));
  first.give("rest");
  settle();
  CHECK(upstream.stream(1).body == "halfrest");
  CHECK(upstream.stream(1).ended);
  CHECK(upstream.stream(3).value(":path") == "/next");
}
