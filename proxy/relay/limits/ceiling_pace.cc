#include "relay/limits/ceiling_pace.h"

#include <algorithm>
#include <chrono>

namespace bearer::relay {

using base::Duration;
using base::Instant;

namespace {

// Timers tick in milliseconds. A request that is late by this much may catch up, because otherwise
// no rate above one request a tick could be kept. The spacing is longer to make up for it, so that
// no period sees more than its number.
constexpr std::chrono::milliseconds kTick{2};

}  // namespace

CeilingPace::CeilingPace(const Rate& rate) {
  if (rate.requests > 0) spacing_ = share(rate.period + kTick, 1, rate.requests);
}

Instant CeilingPace::estimate(std::uint64_t ahead) const {
  return base::after(next_, share(spacing_, ahead, 1));
}

void CeilingPace::sent(Instant now) {
  if (spacing_ > Duration{}) next_ = base::after(std::max(next_, now - kTick), spacing_);
}

}  // namespace bearer::relay
