// A snapshot of the configuration as one loop carries it out: its routes, with connections and
// tokens of the loop's own.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/dialer.h"
#include "net/loop.h"
#include "relay/head/dpop_nonce.h"
#include "relay/snapshot.h"
#include "relay/telemetry/counter_registry.h"
#include "relay/telemetry/route_counters.h"
#include "relay/token_slot.h"
#include "relay/upstream/pool.h"
#include "relay/upstream/streams.h"

namespace bearer::relay {

/// A route as one loop uses it.
struct LoopRoute {
  LoopRoute(Route& its_shared, TokenSlot& its_token, std::unique_ptr<net::Dialer> its_dialer,
            std::shared_ptr<RouteCounters> its_counters, DpopNonce& its_nonce, net::Loop& loop)
      : shared(its_shared),
        counters(std::move(its_counters)),
        token(its_token),
        nonce(its_nonce),
        dialer(std::move(its_dialer)),
        pool(loop, *dialer, counters->upstream_idle),
        streams(loop, *dialer, pool, its_shared.options) {}

  Route& shared;  ///< by all loops
  const std::shared_ptr<RouteCounters> counters;
  TokenSlot& token;
  DpopNonce& nonce;  ///< its upstream's, for its credential
  std::unique_ptr<net::Dialer> dialer;
  UpstreamPool pool;
  UpstreamStreams streams;
};

/// Made, used and destroyed on its loop's thread, or while the loop does not turn.
class LoopRoutes {
 public:
  /// `dialers` are those of the snapshot's routes, in their order. The registry outlives this
  /// object.
  LoopRoutes(std::shared_ptr<const Snapshot> snapshot,
             std::vector<std::unique_ptr<net::Dialer>> dialers, CounterRegistry& registry,
             net::Loop& loop);

  const Snapshot& snapshot() const { return *snapshot_; }
  /// REQUIRES: a route of the snapshot.
  LoopRoute& of(const Route& route);

 private:
  const std::shared_ptr<const Snapshot> snapshot_;
  std::map<std::string, TokenSlot> tokens_;  // every credential's, by its name
  std::map<std::pair<std::string, std::string>, DpopNonce> nonces_;  // by credential and origin
  std::vector<std::unique_ptr<LoopRoute>> routes_;
};

}  // namespace bearer::relay
