#include "relay/limits/in_flight.h"

#include <cassert>
#include <optional>

namespace bearer::relay {

net::Task<net::Wake> InFlight::enter(net::Wait wait, Permit& permit) {
  assert(limited());
  std::optional<CrossLoopFifo::Place> place;
  {
    const std::lock_guard lock(mutex_);
    // A free permit belongs to the queue, even before its first one has noticed it.
    if (queue_.empty() && taken_ < most_) {
      ++taken_;
    } else {
      place.emplace(queue_, wait.sleeper);
    }
  }
  net::Wake woke = net::Wake::ready;
  while (place && !take(*place)) {
    if (woke != net::Wake::ready) co_return woke;  // and no permit came in the same turn
    woke = co_await wait.next();
  }
  permit = Permit(this);
  co_return net::Wake::ready;
}

bool InFlight::take(CrossLoopFifo::Place& place) {
  const std::lock_guard lock(mutex_);
  if (!place.first() || taken_ == most_) return false;
  ++taken_;
  place.step_out();
  if (taken_ < most_) queue_.call_first();
  return true;
}

void InFlight::release() {
  const std::lock_guard lock(mutex_);
  --taken_;
  queue_.call_first();
}

}  // namespace bearer::relay
