#include "http/retry_after.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "http/hint_fields.h"
#include "http/quota.h"
#include "http/quoted_string.h"
#include "http/time_ahead.h"

namespace bearer::http {
namespace {

using base::Duration;
using std::chrono::milliseconds;
using std::chrono::sys_seconds;

/// Statuses that are treated specially.
constexpr int kForbidden = 403;
constexpr int kRequestTimeout = 408;
constexpr int kTooManyRequests = 429;
constexpr int kServerError = 500;
constexpr int kServiceUnavailable = 503;

/// The longest wait for a limit that the response does not name.
constexpr std::chrono::minutes kUnnamedLimitMax{1};

/// Keeps the longest of several waits: to ask again earlier would disregard one of them.
void lengthen(std::optional<Duration>& longest, std::string_view value, TimeUnit unit,
              sys_seconds from) {
  while (!value.empty()) {
    const auto time = read_time_ahead(take_time_ahead(value), unit, from);
    if (time) longest = std::max(longest.value_or(Duration{}), bounded_delay(time->wait));
  }
}

/// Returns the wait that Retry-After and the like ask for.
std::optional<Duration> asked_wait(const FieldList& fields, sys_seconds from) {
  if (!fields.has(FieldName::retry_after) && !fields.has(FieldName::hint)) return std::nullopt;
  std::optional<Duration> longest;
  for (const Field& field : fields) {
    if (field.id == FieldName::retry_after) lengthen(longest, field.value, TimeUnit::seconds, from);
    if (field.id != FieldName::hint) continue;
    const HintField& hint = hint_field(field.name);
    if (hint.fact == HintFact::wait) lengthen(longest, field.value, hint.unit, from);
  }
  return longest;
}

/// The resets of quotas, by the rules of retry_delay(); `limit`: by those for a rate limit.
std::optional<RetryDelay> quota_reset(const FieldList& fields, base::WallTime now, bool limit) {
  std::optional<RetryDelay> slowest, fastest;
  for (const QuotaClaim& claim : QuotaClaims(fields, now)) {
    if (!claim.reset) continue;
    // A server that failed may mention a limit that has nothing to do with it.
    if (!limit && !claim.remaining && claim.reset->soonest() > kUnnamedLimitMax) continue;
    const RetryDelay reset{bounded_delay(claim.reset->soonest()), !claim.remaining,
                           claim.reset->vague};
    if (claim.remaining.value_or(0) == 0) {
      if (!slowest || reset.delay > slowest->delay) slowest = reset;
    } else if (!fastest || reset.delay < fastest->delay) {
      fastest = reset;
    }
  }
  if (slowest || !fastest || !limit) return slowest;
  fastest->delay = std::min<Duration>(fastest->delay, kUnnamedLimitMax);
  return fastest;
}

bool nothing_left(const FieldList& fields, base::WallTime now) {
  const QuotaClaims claims(fields, now);
  return std::any_of(claims.begin(), claims.end(),
                     [](const QuotaClaim& claim) { return claim.remaining == 0; });
}

}  // namespace

bool is_rate_limit(int status, const FieldList& fields, base::WallTime now) {
  if (status == kTooManyRequests) return true;
  if (status != kForbidden) return false;
  return asked_wait(fields, response_time(fields.value(FieldName::date), now)).has_value() ||
         nothing_left(fields, now);
}

std::optional<RetryDelay> retry_delay(int status, const FieldList& fields, base::WallTime now,
                                      bool failed) {
  const bool limit = is_rate_limit(status, fields, now);
  const auto asked = asked_wait(fields, response_time(fields.value(FieldName::date), now));
  const bool holds_others = limit || status == kServiceUnavailable;
  const auto explicit_wait = [&]() -> std::optional<RetryDelay> {
    if (!asked) return std::nullopt;
    return RetryDelay{*asked, holds_others};
  };
  failed = failed || status == kRequestTimeout || status >= kServerError;
  if (asked.value_or(Duration{}) > Duration{} || !(limit || failed)) return explicit_wait();
  auto reset = quota_reset(fields, now, limit);
  if (reset) reset->pauses_route &= holds_others;
  return reset ? reset : explicit_wait();
}

bool forbids_retry(const FieldList& fields) {
  if (!fields.has(FieldName::hint)) return false;
  return std::any_of(fields.begin(), fields.end(), [](const Field& field) {
    return field.id == FieldName::hint && hint_field(field.name).fact == HintFact::should_retry &&
           base::iequals(inside_quotes(field.value), "false");
  });
}

}  // namespace bearer::http
