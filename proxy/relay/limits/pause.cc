#include "relay/limits/pause.h"

#include "relay/limits/backoff.h"

namespace bearer::relay {

void Pause::begin(base::Instant now, base::Duration delay, base::Duration longest) {
  const base::Duration::rep ends = base::after(now, delay).time_since_epoch().count();
  base::Duration::rep before = ends_.load(kRelaxed);
  const base::Duration::rep idle_from = base::after(now, longest).time_since_epoch().count();
  while (before < ends || before > idle_from) {
    if (ends_.compare_exchange_weak(before, ends, kRelaxed)) {
      // A reader between the two lines spreads by the length of the pause before: no harm.
      length_.store(delay.count(), kRelaxed);
      return;
    }
  }
}

void Pause::take_over(const Pause& other) {
  ends_.store(other.ends_.load(kRelaxed), kRelaxed);
  length_.store(other.length_.load(kRelaxed), kRelaxed);
}

base::Instant Pause::release(double jitter) const {
  const base::Duration length(length_.load(kRelaxed));
  return base::after(ends(), with_jitter(length, jitter_of_backoff(length), jitter) - length);
}

}  // namespace bearer::relay
