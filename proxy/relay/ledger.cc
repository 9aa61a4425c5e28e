#include "relay/ledger.h"

namespace bearer::relay {

LoopCounters& Ledger::loop(const net::Loop& loop) {
  const std::lock_guard lock(mutex_);
  return loops_[&loop];
}

LaneCounters& Ledger::lane(const net::Loop& loop, const std::string& route) {
  const std::lock_guard lock(mutex_);
  return lanes_[{route, &loop}];
}

Totals Ledger::totals() const {
  Totals totals;
  const std::lock_guard lock(mutex_);
  totals.loops = loops_.size();
  for (const auto& [loop, counters] : loops_) {
    totals.clients += counters.clients.value();
    totals.peers_refused += counters.peers_refused.value();
    totals.accepts_failed += counters.accepts_failed.value();
    counters.add_replies(totals.replies);
  }
  for (const auto& [key, counters] : lanes_) totals.routes[key.first] += counters.read();
  return totals;
}

}  // namespace bearer::relay
