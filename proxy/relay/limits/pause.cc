#include "relay/limits/pause.h"

#include <algorithm>
#include <chrono>

#include "relay/limits/backoff.h"

namespace bearer::relay {
namespace {

/// The next trial of a pause of which `left` remains.
base::Instant next_trial(base::Instant now, base::Duration left) {
  constexpr base::Duration kShortest = std::chrono::seconds(5);
  constexpr base::Duration kLongest = std::chrono::seconds(30);
  return base::after(now, std::clamp(left / 2, kShortest, kLongest));
}

}  // namespace

void Pause::begin(base::Instant now, base::Duration delay, base::Duration longest) {
  const base::Duration::rep ends = base::after(now, delay).time_since_epoch().count();
  base::Duration::rep before = ends_.load(kRelaxed);
  const base::Duration::rep idle_from = base::after(now, longest).time_since_epoch().count();
  while (before < ends || before > idle_from) {
    if (ends_.compare_exchange_weak(before, ends, kRelaxed)) {
      // A reader between the two lines spreads by the previous pause's length, which does no harm.
      length_.store(delay.count(), kRelaxed);
      next_trial_.store(next_trial(now, delay).time_since_epoch().count(), kRelaxed);
      return;
    }
  }
}

void Pause::take_over(const Pause& other) {
  ends_.store(other.ends_.load(kRelaxed), kRelaxed);
  length_.store(other.length_.load(kRelaxed), kRelaxed);
  next_trial_.store(other.next_trial_.load(kRelaxed), kRelaxed);
}

bool Pause::may_try(base::Instant now) {
  base::Duration::rep due = next_trial_.load(kRelaxed);
  if (base::Instant(base::Duration(due)) > now) return false;
  const base::Instant next = next_trial(now, ends() - now);
  return next_trial_.compare_exchange_strong(due, next.time_since_epoch().count(), kRelaxed);
}

void Pause::end(base::Instant ends) {
  base::Duration::rep its = ends.time_since_epoch().count();
  ends_.compare_exchange_strong(its, 0, kRelaxed);
}

base::Instant Pause::release(double jitter) const {
  const base::Duration length(length_.load(kRelaxed));
  return base::after(ends(), with_jitter(length, jitter_of_backoff(length), jitter) - length);
}

}  // namespace bearer::relay
