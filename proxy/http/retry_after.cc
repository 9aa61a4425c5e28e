#include "http/retry_after.h"

#include <chrono>

#include "http/date.h"
#include "http/rate_limit.h"
#include "http/time_ahead.h"

namespace bearer::http {
namespace {

using base::Duration;
using std::chrono::sys_seconds;

/// What 429 and 503 are called where a choice hangs on them.
constexpr int kTooManyRequests = 429;
constexpr int kServiceUnavailable = 503;

std::optional<Duration> retry_after(std::string_view value, sys_seconds from, base::WallTime now) {
  if (const auto number = parse_time_number(value))
    return bounded_delay(std::chrono::seconds(*number));
  if (const auto date = parse_date(value, now)) return bounded_delay(*date - from);
  return std::nullopt;
}

/// Of several the longest: to ask again before it is over would disregard one of them.
std::optional<Duration> longest_retry_after(const FieldList& fields, sys_seconds from,
                                            base::WallTime now) {
  if (!fields.has(FieldName::retry_after)) return std::nullopt;
  std::optional<Duration> longest;
  for (const Field& field : fields) {
    if (field.id != FieldName::retry_after) continue;
    const auto delay = retry_after(field.value, from, now);
    if (delay && (!longest || *delay > *longest)) longest = delay;
  }
  return longest;
}

std::optional<std::int64_t> quota_reset(const FieldList& fields) {
  const auto number = [&](FieldName name) { return parse_time_number(fields.value(name)); };
  if (const auto reset = number(FieldName::rate_limit_reset)) return reset;
  if (const auto reset = RateLimit(fields).reset()) return reset;
  if (const auto reset = number(FieldName::x_rate_limit_reset)) return reset;
  return number(FieldName::inin_rate_limit_reset);
}

}  // namespace

std::optional<RetryDelay> retry_delay(int status, const FieldList& fields, base::WallTime now) {
  const sys_seconds from = response_time(fields, now);
  if (const auto delay = longest_retry_after(fields, from, now)) {
    return RetryDelay{*delay, status == kTooManyRequests || status == kServiceUnavailable};
  }
  if (status != kTooManyRequests) return std::nullopt;
  const auto reset = quota_reset(fields);
  if (!reset) return std::nullopt;
  return RetryDelay{bounded_delay(time_ahead(*reset, from)), false};
}

}  // namespace bearer::http
