// A loop whose clients a test counts, and whose turns it makes.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "net/listener.h"
#include "relay/sessions.h"
#include "tests/support/observations.h"
#include "tests/support/owned_clock.h"
#include "tests/support/raw_message.h"
#include "tests/support/scripted_source.h"
#include "tests/support/still_dialer.h"
#include "tests/unit/relay/relaying.h"

namespace bearer::test::sessions {

/// Counts how often no client could be taken, the answers of our own, and the peers that are
/// refused.
class Complaints final : public Observations {
 public:
  void accepting_failed(int, base::Instant) override { ++count; }
  void replied(const relay::Request&, const relay::LocalReply&, base::Instant) override {
    ++replies;
  }
  void peer_refused(const net::Peer& peer, base::Instant) override { refused.push_back(peer.uid); }
  void no_place(std::size_t, base::Instant) override { ++full; }
  int count = 0, replies = 0, full = 0;
  std::vector<unsigned> refused;
};

inline const std::string kOwnAnswer = "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A loop with room for two clients, whose loop the test turns.
struct Fixture {
  Fixture() {
    serve({});
    sessions.listen_on(listeners.front().fd());
  }
  /// From now on those users; none named: any.
  void serve(std::vector<unsigned> uids) { serve(sessions, std::move(uids)); }
  void serve(relay::Sessions& by, std::vector<unsigned> uids) {
    const auto tokens = std::make_shared<ScriptedSource>(clock);
    tokens->issue("one");
    std::vector<relay::RouteOptions> routes{relay::test::route("/", "http://api.example.com")};
    relay::ServiceOptions options;
    options.allowed_uids = std::move(uids);
    auto snapshot = std::make_shared<relay::Snapshot>(options, std::move(routes),
                                                      relay::TokenSources{{"default", tokens}});
    std::vector<std::unique_ptr<net::Dialer>> dialers;
    dialers.push_back(std::make_unique<StillDialer>());
    by.apply(
        std::make_shared<relay::LoopRoutes>(snapshot, std::move(dialers), registry, by.loop()));
  }
  RawSocket connect() { return RawSocket::connect(listeners.front().address().port()); }
  void turn() {
    sessions.loop().stop();
    sessions.loop().run();
  }
  /// A client's end is seen in one turn, buried in the next, and heard of at the door in another.
  void settle() {
    for (int i = 0; i < 4; ++i) turn();
  }

  OwnedClock clock;
  Complaints seen;
  int drained = 0;
  std::vector<net::Listener> listeners = net::Listener::open(net::Address{"127.0.0.1", 0}).value();
  relay::CounterRegistry registry;
  relay::Siblings siblings{{&sessions}};
  relay::Sessions sessions{{.clock = clock,
                            .observer = seen,
                            .registry = registry,
                            .random = std::make_unique<base::JitterRandom>(1),
                            .clients_max = 2,
                            .drained = [this] { ++drained; },
                            .siblings = &siblings}};
};

}  // namespace bearer::test::sessions
