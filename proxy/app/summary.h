// What a job was spared, in the one line that `exec` ends with.
#pragma once

#include <cstdint>
#include <string>

#include "relay/ledger.h"

namespace bearer::app {

/// `12 requests, 3 retries, 1 replay after a 401, 4.5 s waited, 2 tokens fetched`; what was waited
/// is the sum of all requests.
std::string summary(const relay::Totals& totals, std::uint64_t tokens);

}  // namespace bearer::app
