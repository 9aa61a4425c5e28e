// The one line that `exec` ends with says what its program was spared.
#pragma once

#include <string>

#include "relay/telemetry/counter_registry.h"
#include "token/refresh/observer.h"

namespace bearer::app {

/// `12 requests, 2 of them failed, 3 retries, 1 replay after a 401, 4.5 s waited, 2 tokens fetched,
/// 1 taken from the store`. Failed are those that were answered with 401, 429 or a 5xx, the proxy's
/// own too: what it is there to absorb. What was waited is the sum of all requests. What did not
/// happen (a failure, a token from the store) is not said.
std::string summary(const relay::Totals& totals, const token::RefreshCounts& tokens);

}  // namespace bearer::app
