// The counters of the data plane. A reload leaves those of a route that it leaves; they go with the
// last request of a route that it took away.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "net/loop.h"
#include "relay/telemetry/loop_counters.h"
#include "relay/telemetry/route_counters.h"

namespace bearer::relay {

/// Sums of all loops.
struct Totals {
  std::map<std::string, RouteTotals> routes;  ///< by RouteOptions::label()
  RepliesByError replies;
  std::uint64_t loops = 0, clients = 0, streams = 0, peers_refused = 0, accepts_failed = 0;
};

/// Thread-safe; the lock is for finding counters, not for counting.
class CounterRegistry {
 public:
  /// The same ones each time.
  LoopCounters& loop(const net::Loop& loop);
  /// The counters of that route in that loop: the same ones for as long as anybody holds them.
  std::shared_ptr<RouteCounters> route(const net::Loop& loop, const std::string& label);
  /// Frees what counters that nobody holds have left. For each reload: one call goes through all.
  void sweep();

  Totals totals() const;

 private:
  mutable std::mutex mutex_;
  std::map<const net::Loop*, LoopCounters> loops_;
  std::map<std::pair<std::string, const net::Loop*>, std::weak_ptr<RouteCounters>> routes_;
};

}  // namespace bearer::relay
