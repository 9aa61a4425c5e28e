// When a response wants to be asked again: Retry-After (RFC 9110 section 10.2.3), and on a 429 the
// fields in which APIs tell when their quota is full again.
#pragma once

#include <optional>

#include "base/clock.h"
#include "http/fields.h"

namespace bearer::http {

struct RetryDelay {
  /// From the moment the response was made, which stands for the moment it came. Zero where that
  /// time is over already, ten years at most.
  base::Duration delay{};
  /// An explicit Retry-After on a 429 or 503: it holds for other requests of the route too.
  bool pauses_route = false;

  bool operator==(const RetryDelay&) const = default;
};

/// nullopt if the response names no time, or none that can be understood.
///
/// Retry-After is looked at on any status, of several the longest counts; after it, on a 429 only,
/// RateLimit-Reset, RateLimit, X-RateLimit-Reset and inin-ratelimit-reset, of which a number over
/// 10^9 is an epoch in seconds, over 10^12 in milliseconds. A point in time is counted from the
/// response's own Date, from `now` where that is missing or malformed.
std::optional<RetryDelay> retry_delay(int status, const FieldList& fields, base::WallTime now);

}  // namespace bearer::http
