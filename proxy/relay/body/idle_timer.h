// Measures how long nothing has moved.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace bearer::relay {

/// Watches a body, or a tunnel, that is on its way. A value.
struct IdleTimer {
  base::Instant since;
  std::uint64_t progress = 0;  ///< made by then

  /// `moved` is the total that has moved by `now`.
  void note(std::uint64_t moved, base::Instant now) {
    if (progress != moved) since = now;
    progress = moved;
  }
  /// The time at which the silence will be too long; never if `timeout` is zero.
  base::Instant deadline(base::Duration timeout) const {
    return timeout == base::Duration{} ? base::kNever : base::after(since, timeout);
  }
  /// True if the silence is too long. Call note() first: what has come by now ends it.
  bool late(base::Duration timeout, base::Instant now) const { return now >= deadline(timeout); }
};

}  // namespace bearer::relay
