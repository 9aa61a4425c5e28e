// A plan as one loop carries it out: its routes with connections and tokens of the loop's own.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/dialer.h"
#include "net/loop.h"
#include "relay/snapshot.h"
#include "relay/telemetry/counter_registry.h"
#include "relay/telemetry/route_counters.h"
#include "relay/token_slot.h"
#include "relay/upstream_pool.h"

namespace bearer::relay {

/// A route as one loop sees it.
struct LoopRoute {
  LoopRoute(Route& its_route, TokenSlot& its_token, std::unique_ptr<net::Dialer> its_dialer,
            std::shared_ptr<RouteCounters> its_counters, net::Loop& loop)
      : route(its_route),
        counters(std::move(its_counters)),
        token(its_token),
        dialer(std::move(its_dialer)),
        pool(loop, *dialer, counters->upstream_idle) {}

  Route& route;
  const std::shared_ptr<RouteCounters> counters;
  TokenSlot& token;
  std::unique_ptr<net::Dialer> dialer;
  UpstreamPool pool;
};

/// Made, used and destroyed on its loop's thread, or while the loop does not turn.
class LoopRoutes {
 public:
  /// `dialers` are those of the plan's routes, in their order. The ledger outlives this object.
  LoopRoutes(std::shared_ptr<const Snapshot> plan,
             std::vector<std::unique_ptr<net::Dialer>> dialers, CounterRegistry& ledger,
             net::Loop& loop);

  const Snapshot& plan() const { return *plan_; }
  /// REQUIRES: a route of the plan.
  LoopRoute& of(const Route& route);

 private:
  const std::shared_ptr<const Snapshot> plan_;
  std::map<std::string, TokenSlot> tokens_;  // of every credential, by its name
  std::vector<std::unique_ptr<LoopRoute>> lanes_;
};

}  // namespace bearer::relay
