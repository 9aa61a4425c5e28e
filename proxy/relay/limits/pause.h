// The pause of a route: one request's Retry-After holds for the others too.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace bearer::relay {

/// Shared by the loops, without a lock.
class Pause {
 public:
  /// Nobody goes before `delay` has passed. Never shortens a pause, except for one that ends later
  /// than `longest` from now: it holds nobody, and must not stand in the way of one that does.
  void begin(base::Instant now, base::Duration delay,
             base::Duration longest = base::Duration::max());

  /// True for one request now and then, which may go during the pause to see whether a long one is
  /// over before its time. That is after half of what is left of it, every 30 s at most, and not
  /// within its first 5 s.
  bool may_try(base::Instant now);
  /// The trial found it over: ends the pause that ends at `ends`, unless another has begun since.
  void end(base::Instant ends);

  /// Continues the pause of another object. REQUIRES: nobody else has seen this one yet.
  void take_over(const Pause& other);

  /// When the pause ends; in the past if there is none.
  base::Instant ends() const { return base::Instant(base::Duration(ends_.load(kRelaxed))); }

  /// The length of the pause when it began.
  base::Duration length() const { return base::Duration(length_.load(kRelaxed)); }

  /// When this request may go. Requests that waited are spread over half of the pause's length.
  /// `jitter` is uniform in [0, 1).
  base::Instant release(double jitter) const;

 private:
  static constexpr auto kRelaxed = std::memory_order_relaxed;

  std::atomic<base::Duration::rep> ends_{0};
  std::atomic<base::Duration::rep> length_{0};
  std::atomic<base::Duration::rep> next_trial_{0};
};

}  // namespace bearer::relay
