// What the parts say of themselves, as the admin port shows it.
#pragma once

#include "admin/status.h"
#include "app/credentials.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "relay/ledger.h"
#include "relay/plan.h"

namespace bearer::app {

/// Both at `now`.
std::vector<admin::CredentialStatus> status_of(const Credentials& credentials, base::Instant now);
std::vector<admin::RouteStatus> status_of(const relay::Plan& plan, const relay::Totals& totals,
                                          base::Instant now);

/// Token requests and expiry, by credential.
base::MetricFamilies metrics_of(const Credentials& credentials, const base::Clock& clock);

}  // namespace bearer::app
