// The line with which `exec` ends. It says what its program was spared.
#pragma once

#include <string>

#include "relay/telemetry/counter_registry.h"
#include "token/refresh/observer.h"

namespace bearer::app {

/// `12 requests, 2 of them failed, 3 retries, 1 replay after a 401, 4.5 s waited, 2 tokens fetched,
/// 1 taken from the store`. Failed requests are those that were answered with 401, 429 or a 5xx,
/// also by the proxy itself: the answers that it is meant to absorb. The wait is the sum over all
/// requests. What did not happen (a failure, a token from the store) is left out.
std::string summary(const relay::Totals& totals, const token::RefreshCounts& tokens);

}  // namespace bearer::app
