// How long the n-th retry waits (contract section 2, --backoff-base).
#pragma once

#include "base/clock.h"

namespace bearer::relay {

/// base * 2^retry, capped at `most`; `retry` counts from 0.
base::Duration backoff_delay(int retry, base::Duration base, base::Duration most);

/// How much jitter may come on top of a backoff, so that those who failed together do not come back
/// together: half of it.
base::Duration jitter_of_backoff(base::Duration delay);
/// The same for a time that the upstream asked for: a tenth, 5 s at most. Whoever waits a minute as
/// told does not wait half a minute more.
base::Duration jitter_of_asked(base::Duration delay);

/// `delay` and a part of `jitter_max` on top; `jitter` is uniform in [0, 1).
base::Duration with_jitter(base::Duration delay, base::Duration jitter_max, double jitter);

}  // namespace bearer::relay
