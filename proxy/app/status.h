// Gathers the state of the parts for the admin port.
#pragma once

#include "admin/requests.h"
#include "admin/status.h"
#include "app/credentials.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "relay/snapshot.h"
#include "relay/telemetry/counter_registry.h"
#include "relay/telemetry/request_list.h"

namespace bearer::app {

/// Both are the state at `now`.
std::vector<admin::CredentialStatus> status_of(const CredentialSet& credentials, base::Instant now);
std::vector<admin::RouteStatus> status_of(const relay::Snapshot& snapshot,
                                          const relay::Totals& totals, base::Instant now);
/// Only the routes that are in `totals`.
std::vector<admin::RouteStatus> status_of_used(const relay::Snapshot& snapshot,
                                               const relay::Totals& totals, base::Instant now);

/// The state at `now`, which is `wall` on the other clock.
std::vector<admin::RequestStatus> status_of(const std::vector<relay::RequestRecord>& requests,
                                            base::Instant now, base::WallTime wall);

/// Token requests and expiry, by credential.
base::MetricFamilies metrics_of(const CredentialSet& credentials, const base::Clock& clock);

}  // namespace bearer::app
