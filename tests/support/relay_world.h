// The data plane of one loop between clients and an upstream that a test plays: whole exchanges
// without a socket or a thread, on time that stands still until the test moves it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/sessions.h"
#include "tests/support/owned_clock.h"
#include "tests/support/scripted_source.h"
#include "tests/support/wire.h"

namespace bearer::test {

/// For one thread. The tests say what clients and upstreams do, and look at what was written to
/// them after settle().
class RelayWorld {
 public:
  static constexpr std::string_view kUpstream = "api.example.com";

  /// Makes the connections to the upstream.
  struct Upstream {
    enum class Dialing { connects, is_refused, hangs };

    Dialing next = Dialing::connects;   ///< of the next one alone
    std::vector<std::string> greeting;  ///< what the next one finds sent, in these pieces
    std::optional<FaultPlan> faults;    ///< of the next one
    Wires wires;                        ///< all there were, in order
  };

  /// `observer` outlives it. The token in force is `token`.
  explicit RelayWorld(relay::Observer& observer, const std::string& token = "one");
  ~RelayWorld();

  /// For requests from now on. The upstream of `route` is set to be ours, over TLS
  /// if it was so.
  void use(relay::RouteOptions route, const relay::ServiceOptions& service = {});

  /// A client that connects now, perhaps with faults that are planned.
  Wire& connect(std::optional<FaultPlan> faults = {});
  /// The connection to the upstream that was made last. REQUIRES: there was one.
  Wire& upstream() { return *at_upstream.wires.back(); }

  /// Lets the loop act on all that has happened, and on the time as it is.
  void settle();
  void advance(base::Duration duration) {
    clock.advance(duration);
    settle();
  }
  /// Lets time pass until every client has gone; false if one never does.
  bool outlast_clients();

  relay::Sessions& sessions() { return *sessions_; }
  relay::Route& route() { return *sessions_->context().routes->snapshot().routes.routes().front(); }
  relay::Totals totals() const { return registry_.totals(); }

  OwnedClock clock;
  ScriptedSource tokens{clock};
  Upstream at_upstream;
  Wires clients;

 private:
  void turn();

  relay::CounterRegistry registry_;
  std::optional<relay::Sessions> sessions_;
};

}  // namespace bearer::test
