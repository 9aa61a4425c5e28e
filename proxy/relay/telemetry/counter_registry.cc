#include "relay/telemetry/counter_registry.h"

namespace bearer::relay {

LoopCounters& CounterRegistry::loop(const net::Loop& loop) {
  const std::lock_guard lock(mutex_);
  return loops_[&loop];
}

std::shared_ptr<RouteCounters> CounterRegistry::route(const net::Loop& loop,
                                                      const std::string& label) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<RouteCounters>& place = routes_[{label, &loop}];
  std::shared_ptr<RouteCounters> counters = place.lock();
  if (!counters) place = counters = std::make_shared<RouteCounters>();
  return counters;
}

void CounterRegistry::sweep() {
  const std::lock_guard lock(mutex_);
  std::erase_if(routes_, [](const auto& route) { return route.second.expired(); });
}

Totals CounterRegistry::totals(Routes which) const {
  Totals totals;
  const std::lock_guard lock(mutex_);
  totals.loops = loops_.size();
  for (const auto& [loop, counters] : loops_) {
    totals.clients += counters.clients.value();
    totals.streams += counters.streams.value();
    totals.peers_refused += counters.peers_refused.value();
    totals.accepts_failed += counters.accepts_failed.value();
    counters.add_replies(totals.replies);
  }
  for (const auto& [key, route] : routes_) {
    const auto& [label, loop] = key;
    const auto counters = route.lock();
    if (!counters || (which == Routes::used && !counters->used())) continue;
    totals.routes[label] += counters->read(loop->clock().now());
  }
  return totals;
}

}  // namespace bearer::relay
