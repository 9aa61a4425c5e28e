// A plan as one loop carries it out: its routes with connections and tokens of the loop's own.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/dialer.h"
#include "net/loop.h"
#include "relay/lane_counters.h"
#include "relay/ledger.h"
#include "relay/plan.h"
#include "relay/token_slot.h"
#include "relay/upstream_pool.h"

namespace bearer::relay {

/// A route as one loop sees it.
struct Lane {
  Lane(Route& its_route, TokenSlot& its_token, std::unique_ptr<net::Dialer> its_dialer,
       std::shared_ptr<LaneCounters> its_counters, net::Loop& loop)
      : route(its_route),
        counters(std::move(its_counters)),
        token(its_token),
        dialer(std::move(its_dialer)),
        pool(loop, *dialer, counters->upstream_idle) {}

  Route& route;
  const std::shared_ptr<LaneCounters> counters;
  TokenSlot& token;
  std::unique_ptr<net::Dialer> dialer;
  UpstreamPool pool;
};

/// Made, used and destroyed on its loop's thread, or while the loop does not turn.
class Lanes {
 public:
  /// `dialers` are those of the plan's routes, in their order. The ledger outlives this object.
  Lanes(std::shared_ptr<const Plan> plan, std::vector<std::unique_ptr<net::Dialer>> dialers,
        Ledger& ledger, net::Loop& loop);

  const Plan& plan() const { return *plan_; }
  /// REQUIRES: a route of the plan.
  Lane& of(const Route& route);

 private:
  const std::shared_ptr<const Plan> plan_;
  std::map<std::string, TokenSlot> tokens_;  // of every credential, by its name
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace bearer::relay
