// Reads when a response wants to be asked again, or that it does not want to be: from Retry-After
// (RFC 9110 section 10.2.3), its variants in milliseconds and, if a rate limit refused the request,
// the fields that say when a quota is full again. hint_fields.h has the names that no RFC defines.
#pragma once

#include <optional>

#include "base/clock.h"
#include "http/fields.h"

namespace bearer::http {

struct RetryDelay {
  /// The time from the moment the response was made, for which the moment it came is taken. Zero if
  /// that time has passed, ten years at most.
  base::Duration delay{};
  /// The delay holds for other requests of the route too: it is the wait that a 429, a 503 or a 403
  /// for a rate limit asks for, or a reset of something unknown. The reset of a quota that the
  /// response names is left to pacing, which holds the requests that share the quota.
  bool pauses_route = false;
  /// `delay` is the shorter of two readings (seconds or milliseconds). A backoff has to hold as
  /// well, in case the longer one was meant.
  bool vague = false;

  bool operator==(const RetryDelay&) const = default;
};

/// True for a 429, and for a 403 that says when to ask again or that nothing is left of a quota: an
/// answer about permissions never says that.
bool is_rate_limit(int status, const FieldList& fields, base::WallTime now);

/// nullopt if the response names no time, or none that can be understood.
///
/// Retry-After, retry-after-ms and x-ms-retry-after-ms count on any status. The longest of several
/// counts, also of several in one field. If they name no time to come, and the request failed (403
/// for a rate limit, 408, 429, 5xx, or whatever the caller takes for a failure), the resets of its
/// quotas count: the slowest one of the quotas that are used up, or do not say so (within a minute,
/// if it was no rate limit). If there is none, and a rate limit refused the request, it is the one
/// that ends first, and a minute at most, because another limit was exceeded. See read_time_ahead()
/// for the forms of a time. A point in time is counted from the response's own Date, or from `now`
/// if that is missing or malformed.
std::optional<RetryDelay> retry_delay(int status, const FieldList& fields, base::WallTime now,
                                      bool failed = false);

/// True if the server says that a retry is in vain: `x-should-retry: false` and the like.
bool forbids_retry(const FieldList& fields);

}  // namespace bearer::http
