// Turns the counts of the data plane into metrics (deploy/prometheus/README.md).
#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "relay/snapshot.h"
#include "relay/telemetry/counter_registry.h"

namespace bearer::relay {

/// The counters of every route that is in force or has a request in flight; the pauses and quotas
/// of the routes in `snapshot`, at `now`.
base::MetricFamilies metrics_of(const Totals& totals, const Snapshot& snapshot, base::Instant now);

}  // namespace bearer::relay
