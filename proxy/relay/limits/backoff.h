// Computes how long the n-th retry waits (--backoff-base).
#pragma once

#include "base/clock.h"

namespace bearer::relay {

/// base * 2^retry, capped at `most`; `retry` counts from 0.
base::Duration backoff_delay(int retry, base::Duration base, base::Duration most);

/// The most jitter on top of a backoff, so that requests that failed together do not come back
/// together: half of the delay.
base::Duration jitter_of_backoff(base::Duration delay);
/// The same for a time that the upstream asked for: a tenth, 5 s at most. A client that was told to
/// wait a minute should not wait half a minute more.
base::Duration jitter_of_asked(base::Duration delay);

/// `delay` plus a part of `jitter_max`; `jitter` is uniform in [0, 1).
base::Duration with_jitter(base::Duration delay, base::Duration jitter_max, double jitter);

}  // namespace bearer::relay
