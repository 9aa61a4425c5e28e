// What the data plane has counted, as metrics (contract section 7).
#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "relay/snapshot.h"
#include "relay/telemetry/counter_registry.h"

namespace bearer::relay {

/// Counters of every route that is in force or has a request under way; pauses and quotas of those
/// in `snapshot`, at `now`.
base::MetricFamilies metrics_of(const Totals& totals, const Snapshot& snapshot, base::Instant now);

}  // namespace bearer::relay
