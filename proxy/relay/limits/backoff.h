// How long the n-th retry waits (contract section 2, --backoff-base).
#pragma once

#include "base/clock.h"

namespace bearer::relay {

/// base * 2^retry, capped at `most`; `retry` counts from 0.
base::Duration backoff_delay(int retry, base::Duration base, base::Duration most);

/// `delay` and up to half of it again, so that those who were refused together do not come back
/// together. `jitter` is uniform in [0, 1).
base::Duration with_jitter(base::Duration delay, double jitter);

}  // namespace bearer::relay
