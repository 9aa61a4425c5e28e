// The counters of the data plane. A reload keeps those of a route that it keeps. Those of a removed
// route are freed with its last request.
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

/// The sums over all loops.
struct Totals {
  std::map<std::string, RouteTotals> routes;  ///< by RouteOptions::label()
  RepliesByError replies;
  std::uint64_t loops = 0, clients = 0, streams = 0, peers_refused = 0, accepts_failed = 0;
};

/// Thread-safe. It locks to find counters, not to count.
class CounterRegistry {
 public:
  /// Returns the same object each time.
  LoopCounters& loop(const net::Loop& loop);
  /// The counters of that route in that loop: the same object for as long as anybody holds it.
  std::shared_ptr<RouteCounters> route(const net::Loop& loop, const std::string& label);
  /// Frees the entries of counters that nobody holds. Goes through all: call it at each reload.
  void sweep();

  enum class Routes { all, used };  ///< used: a request came
  Totals totals(Routes which = Routes::all) const;

 private:
  mutable std::mutex mutex_;
  std::map<const net::Loop*, LoopCounters> loops_;
  std::map<std::pair<std::string, const net::Loop*>, std::weak_ptr<RouteCounters>> routes_;
};

}  // namespace bearer::relay
