#include "relay/telemetry/wait_meter.h"

#include <algorithm>

namespace bearer::relay {

void WaitMeter::change(base::Instant now, int more) {
  state_.waited += state_.waiting * std::max(now - state_.since, base::Duration{});
  state_.since = std::max(now, state_.since);
  state_.waiting += more;
  published_.set(state_);
}

WaitMeter::Reading WaitMeter::read(base::Instant now) const {
  const State state = published_.get();
  const base::Duration passing = std::max(now - state.since, base::Duration{});
  const base::Duration::rep waited = (state.waited + state.waiting * passing).count();
  // The loop's time stands still within a turn; the reader's does not. So a wait that ends in that
  // turn is a little shorter than a reader saw it.
  base::Duration::rep told = told_.load(std::memory_order_relaxed);
  while (told < waited && !told_.compare_exchange_weak(told, waited, std::memory_order_relaxed)) {
  }
  return {static_cast<std::uint64_t>(state.waiting), base::Duration(std::max(told, waited))};
}

}  // namespace bearer::relay
