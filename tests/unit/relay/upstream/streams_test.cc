#include "relay/upstream/streams.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/h2_frames.h"
#include "tests/support/owned_loop.h"
#include "tests/support/still_dialer.h"
#include "tests/support/wire.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;
using relay::UpstreamConnection;
using relay::UpstreamHttp;
using relay::UpstreamPool;
using relay::UpstreamStreams;

namespace {

/// What came of a request for a stream.
struct Asked {
  explicit Asked(net::Loop& loop) : sleeper(loop) {}

  net::Sleeper sleeper;
  std::optional<base::Result<std::optional<UpstreamConnection>>> came;
  net::Task<void> task;

  bool got() const { return came && *came && **came; }
  bool plain() const { return came && *came && !**came; }
  std::optional<Errc> fault() const {
    return came && !*came ? std::optional(came->error().code) : std::nullopt;
  }
};

/// Connects at once, or as the test says; each server is the test's, frame by frame.
class Dialer final : public net::Dialer {
 public:
  net::Task<base::Result<net::Dialed>> dial(const net::Wait& wait, net::Alpn alpn) override {
    offers.push_back(alpn);
    held = &wait.sleeper;
    while (holds) co_await wait.sleeper.sleep(base::kNever);
    if (fault) co_return *fault;
    wires.push_back(std::make_shared<test::Wire>());
    if (speaks_h2) wires.back()->give(test::h2::settings({{3, streams_max}}));
    net::Dialed dialed;
    dialed.stream = test::proxy_end(wires.back());
    dialed.stream->set_waiter(&wait.sleeper);
    dialed.address = test::address_of("127.0.0.1");
    co_return dialed;
  }
  bool leads_to(const net::SocketAddress&) override { return leads; }

  bool speaks_h2 = true;
  bool holds = false, leads = true;
  net::Sleeper* held = nullptr;
  std::optional<base::Error> fault;
  std::uint32_t streams_max = 2;
  test::Wires wires;
  std::vector<net::Alpn> offers;
};

struct World {
  explicit World(UpstreamHttp version = UpstreamHttp::http_2, bool tls = false) {
    options.upstream_http = version;
    options.upstream.tls = tls;
  }

  Asked& ask(bool websocket = false, std::string_view path = "/") {
    all.push_back(std::make_unique<Asked>(owned.loop()));
    Asked& one = *all.back();
    one.task = take(one, {path, websocket});
    one.task.start();
    settle();
    return one;
  }
  net::Task<void> take(Asked& asked, UpstreamStreams::Asked what) {
    const net::Wait wait{asked.sleeper, owned.now() + 10s};
    asked.came.emplace(co_await streams.take(wait, what));
  }
  void settle() {
    for (int turn = 0; turn < 4; ++turn) owned.turn();
  }
  void advance(base::Duration time) {
    owned.let_pass(time);
    settle();
  }

  test::OwnedLoop owned;
  Dialer dialer;
  base::Count idle;
  relay::RouteOptions options;
  UpstreamPool pool{owned.loop(), dialer, idle};
  UpstreamStreams streams{owned.loop(), dialer, pool, options};
  std::vector<std::unique_ptr<Asked>> all;
};

std::string goaway() {
  return test::h2::frame(test::h2::kGoaway, 0, 0, test::h2::number(0) + test::h2::number(0));
}

}  // namespace

TEST_CASE("requests share a connection as far as its server allows, then another is dialed") {
  World world;
  Asked& first = world.ask();
  Asked& second = world.ask();
  CHECK(first.got());
  CHECK_FALSE((**first.came)->reused);
  CHECK((**second.came)->reused);
  CHECK(world.dialer.wires.size() == 1);
  CHECK(world.ask().got());
  CHECK(world.dialer.wires.size() == 2);
  CHECK(world.streams.connections() == 2);
}

TEST_CASE("those who come while a connection is dialed wait for that one") {
  World world;
  world.dialer.holds = true;
  world.dialer.streams_max = 100;
  for (int i = 0; i < 5; ++i) world.ask();
  CHECK(world.dialer.offers.size() == 1);
  world.dialer.holds = false;
  world.dialer.held->wake();
  world.settle();
  for (const auto& asked : world.all) CHECK(asked->got());
  CHECK(world.dialer.offers.size() == 1);
}

TEST_CASE("a place that is given back serves who waits for one") {
  World world;
  world.dialer.streams_max = 1;
  constexpr std::size_t kConnectionsMax = 64;
  for (std::size_t i = 0; i < kConnectionsMax; ++i) REQUIRE(world.ask().got());
  Asked& waiting = world.ask();
  CHECK_FALSE(waiting.came);
  CHECK(world.dialer.wires.size() == kConnectionsMax);
  world.all.front()->came.reset();
  world.settle();
  CHECK(waiting.got());
  CHECK(world.dialer.wires.size() == kConnectionsMax);
}

TEST_CASE("a dial that fails fails for all who wait for it, and the next request dials again") {
  World world;
  world.dialer.fault = base::Error{Errc::connect_refused, "by the test"};
  CHECK(world.ask().fault() == Errc::connect_refused);
  world.dialer.fault.reset();
  CHECK(world.ask().got());
}

TEST_CASE("a connection that is told to go, or leads to where the name was, gets no new requests") {
  World world;
  world.ask();
  SUBCASE("GOAWAY") {
    world.dialer.wires[0]->give(goaway());
    world.settle();
  }
  SUBCASE("the name has moved") {
    world.dialer.leads = false;
    world.ask();  // it is dialed once, and the fresh one is taken as it is
    world.dialer.leads = true;
  }
  world.ask();
  CHECK(world.dialer.wires.size() >= 2);
}

TEST_CASE("a connection without requests is closed after half a minute") {
  World world;
  Asked& asked = world.ask();
  world.advance(5min);
  CHECK(world.streams.connections() == 1);
  asked.came.reset();  // the stream ends
  world.advance(30s);
  world.advance(30s);
  CHECK(world.streams.connections() == 0);
  CHECK(world.dialer.wires[0]->closed);
}

TEST_CASE("a server that ALPN tells to speak HTTP/1.1 is asked so for a while") {
  World world(UpstreamHttp::as_client, true);
  world.dialer.speaks_h2 = false;
  CHECK(world.ask().plain());
  CHECK(world.dialer.offers == std::vector{net::Alpn::either});
  CHECK(world.pool.idle() == 1);  // that connection is of use
  CHECK(world.ask().plain());
  CHECK(world.dialer.offers.size() == 1);
  world.advance(6min);
  CHECK(world.ask().plain());
  CHECK(world.dialer.offers.size() == 2);
}

TEST_CASE("a server that must speak HTTP/2 and does not is no server for this route") {
  World world(UpstreamHttp::http_2, true);
  CHECK(world.ask().fault() == Errc::response_malformed);
  CHECK(world.dialer.offers == std::vector{net::Alpn::h2});
}

TEST_CASE("a TLS alert before the server has said a word of HTTP/2 is a fault of TLS") {
  World world;
  world.dialer.speaks_h2 = false;
  Asked& asked = world.ask();
  world.dialer.wires[0]->failure = "tlsv13 alert certificate required";
  world.dialer.wires[0]->break_off();
  world.settle();
  CHECK(asked.fault() == Errc::tls_handshake_failed);
  Asked& other = world.ask();
  world.dialer.wires[1]->failure = "unexpected eof while reading";
  world.dialer.wires[1]->break_off();
  world.settle();
  CHECK(other.fault() == Errc::connection_lost);
}

TEST_CASE("a WebSocket has a connection of HTTP/1.1 where the server does not take it") {
  World world;
  CHECK(world.ask(true).plain());
  CHECK(world.ask(false).got());
  CHECK(world.dialer.wires.size() == 1);
}

TEST_CASE("a path that the server takes by HTTP/1.1 alone goes so for a while, and no other does") {
  World world(UpstreamHttp::as_client);
  world.dialer.streams_max = 100;
  REQUIRE(world.ask(false, "/ntlm").got());
  world.streams.avoid("/ntlm");
  CHECK(world.ask(false, "/ntlm").plain());
  CHECK(world.ask(false, "/ntlm/more").got());
  CHECK(world.dialer.offers.size() == 1);
  world.advance(6min);
  CHECK(world.ask(false, "/ntlm").got());
}

TEST_CASE("no path is avoided where HTTP/2 is a must") {
  World world(UpstreamHttp::http_2);
  world.streams.avoid("/a");
  CHECK(world.ask(false, "/a").got());
}

TEST_CASE("while a server allows no stream at all, no other connection is dialed") {
  World world;
  world.dialer.streams_max = 0;
  Asked& waiting = world.ask();
  CHECK_FALSE(waiting.came);
  CHECK(world.dialer.wires.size() == 1);
  SUBCASE("until it allows one") {
    world.dialer.wires[0]->give(test::h2::settings({{3, 1}}));
    world.settle();
    CHECK(waiting.got());
    CHECK(world.dialer.wires.size() == 1);
  }
  SUBCASE("until it goes") {
    world.dialer.streams_max = 1;
    world.dialer.wires[0]->give(goaway());
    world.settle();
    CHECK(waiting.got());
    CHECK(world.dialer.wires.size() == 2);
  }
  SUBCASE("or the request has waited enough") {
    world.advance(11s);
    CHECK(waiting.fault() == Errc::connect_timeout);
    CHECK(world.dialer.wires.size() == 1);
  }
}
