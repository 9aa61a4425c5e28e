// What a response says of its quota: how many requests are left, and when all of them are again.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "http/fields.h"

namespace bearer::http {

struct Quota {
  std::optional<std::uint64_t> limit;  ///< of the whole window; never 0, nor less than `remaining`
  std::uint64_t remaining = 0;
  base::Duration reset{};  ///< from the moment the response was made until all are left again

  bool operator==(const Quota&) const = default;
};

/// True if the response has a field in which its quota may be. In constant time.
inline bool mentions_quota(const FieldList& fields) {
  return fields.has(FieldName::rate_limit) || fields.has(FieldName::rate_limit_remaining) ||
         fields.has(FieldName::x_rate_limit_remaining) ||
         fields.has(FieldName::inin_rate_limit_count);
}

/// Read from each of: RateLimit with RateLimit-Policy; RateLimit-Limit, -Remaining, -Reset; the
/// same after X-, and as X-Rate-Limit-; inin-ratelimit-allowed, -count (used so far), -reset.
/// Resets are numbers as in retry_after.h.
///
/// A field that is not a number is not there. Only a quota with both a remainder and a reset
/// counts, and not one that lies: that allows nothing at all, is reset in the past, or farther away
/// than `horizon`. Of several, the strictest counts: that leaves the fewest requests for the time
/// until its reset, then the one whose reset is farther away.
std::optional<Quota> strictest_quota(const FieldList& fields, base::WallTime now,
                                     base::Duration horizon);

}  // namespace bearer::http
