// A response may say when it wants to be asked again, or that it does not: in Retry-After (RFC 9110
// section 10.2.3), its kin in milliseconds, and, where a rate limit refused the request, the fields
// that tell when a quota is full again. hint_fields.h has the names that no RFC knows.
#pragma once

#include <optional>

#include "base/clock.h"
#include "http/fields.h"

namespace bearer::http {

struct RetryDelay {
  /// From the moment the response was made, which stands for the moment it came. Zero where that
  /// time is over already, ten years at most.
  base::Duration delay{};
  /// It holds for other requests of the route too: a wait that a 429, a 503 or a 403 for a rate
  /// limit asks for, or a reset of which nobody knows what it is the reset of. One of a quota that
  /// the response names is left to pacing, which holds those that share the quota.
  bool pauses_route = false;
  /// `delay` is the shorter of two readings (seconds or milliseconds): a backoff has to hold as
  /// well, so that the longer one is not asked for in a hurry.
  bool vague = false;

  bool operator==(const RetryDelay&) const = default;
};

/// True for a 429, and for a 403 that says when to ask again or that nothing is left of a quota:
/// permissions are never told so.
bool is_rate_limit(int status, const FieldList& fields, base::WallTime now);

/// nullopt if the response names no time, or none that can be understood.
///
/// Retry-After, retry-after-ms and x-ms-retry-after-ms are looked at on any status, and of several
/// the longest counts, also of several in one field. Where they name no time to come, and a rate
/// limit refused the request, the resets of its quotas do: of those that are used up, or do not
/// say, the slowest; where none is, the one that ends first, and a minute at most, for it is
/// another limit that was met. See read_time_ahead() for the forms that a time may have. A point in
/// time is counted from the response's own Date, from `now` where that is missing or malformed.
std::optional<RetryDelay> retry_delay(int status, const FieldList& fields, base::WallTime now);

/// The server says that another try is in vain: `x-should-retry: false` and the like.
bool forbids_retry(const FieldList& fields);

}  // namespace bearer::http
