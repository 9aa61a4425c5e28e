#include "http/retry_after.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/text.h"
#include "http/date.h"
#include "http/quoted_string.h"

namespace bearer::http {
namespace {

using base::Duration;
using std::chrono::sys_seconds;

constexpr std::chrono::milliseconds kDelayMax = std::chrono::years(10);
constexpr std::int64_t kEpochSecondsMin = 1'000'000'000;
constexpr std::int64_t kEpochMillisecondsMin = 1'000'000'000'000;
constexpr std::int64_t kNumberMax = 1'000'000'000'000'000;  // far beyond ten years of anything

/// What 429 and 503 are called where a choice hangs on them.
constexpr int kTooManyRequests = 429;
constexpr int kServiceUnavailable = 503;

Duration bounded(std::chrono::milliseconds wait) {
  return std::clamp(wait, std::chrono::milliseconds::zero(), kDelayMax);
}

/// An integer or a decimal, rounded up so that nobody comes early. Negative is 0, and what is
/// absurdly large is kNumberMax.
std::optional<std::int64_t> parse_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::string_view whole = base::take_until(text, '.');
  const auto is_number = [](std::string_view digits) {
    return std::all_of(digits.begin(), digits.end(), base::is_digit);
  };
  if (whole.empty() || !is_number(whole) || !is_number(text)) return std::nullopt;
  if (negative) return 0;
  const auto value = base::parse_decimal(whole);
  if (!value || *value >= static_cast<std::uint64_t>(kNumberMax)) return kNumberMax;
  const bool has_fraction = text.find_first_not_of('0') != std::string_view::npos;
  return static_cast<std::int64_t>(*value) + (has_fraction ? 1 : 0);
}

/// A quota's reset: seconds from now, or an epoch.
Duration until_reset(std::int64_t number, sys_seconds from) {
  using std::chrono::milliseconds, std::chrono::seconds;
  const milliseconds start = from.time_since_epoch();
  if (number > kEpochMillisecondsMin) return bounded(milliseconds(number) - start);
  if (number > kEpochSecondsMin) return bounded(seconds(number) - start);
  return bounded(seconds(number));
}

std::optional<Duration> retry_after(std::string_view value, sys_seconds from, base::WallTime now) {
  if (const auto seconds = parse_number(value)) return bounded(std::chrono::seconds(*seconds));
  if (const auto date = parse_date(value, now)) return bounded(*date - from);
  return std::nullopt;
}

/// One policy of a RateLimit field: how much of it is left, and when it is full again.
struct Quota {
  std::int64_t remaining = 0;
  std::optional<std::int64_t> reset;

  void read(const Parameter& parameter) {
    const auto number = parse_number(inside_quotes(parameter.value));
    if (!number) return;
    if (parameter.name == "r") remaining = *number;
    if (parameter.name == "t" || parameter.name == "reset") reset = *number;
  }
};

/// `"burst";r=0;t=30, "day";r=900;t=40000`, and `limit=100, remaining=0, reset=30` of older drafts.
/// What has to be waited for is the slowest policy of those that are used up; if none says that it
/// is, the fastest of all.
class RateLimit {
 public:
  void read(std::string_view value) {
    while (!value.empty()) {
      std::string_view element = take_element(value, ',');
      Quota quota;
      while (!element.empty()) quota.read(split_parameter(take_element(element, ';')));
      add(quota);
    }
  }

  std::optional<std::int64_t> reset() const { return used_up_ ? used_up_ : left_; }

 private:
  void add(const Quota& quota) {
    if (!quota.reset) return;
    if (quota.remaining == 0) {
      used_up_ = std::max(used_up_.value_or(0), *quota.reset);
    } else {
      left_ = std::min(left_.value_or(kNumberMax), *quota.reset);
    }
  }

  std::optional<std::int64_t> used_up_, left_;
};

std::optional<std::int64_t> rate_limit(const FieldList& fields) {
  RateLimit rate_limit;
  for (const Field& field : fields) {
    if (field.id == FieldName::rate_limit) rate_limit.read(field.value);
  }
  return rate_limit.reset();
}

std::optional<std::int64_t> quota_reset(const FieldList& fields) {
  const auto number = [&](FieldName name) { return parse_number(fields.value(name)); };
  if (const auto reset = number(FieldName::rate_limit_reset)) return reset;
  if (const auto reset = rate_limit(fields)) return reset;
  if (const auto reset = number(FieldName::x_rate_limit_reset)) return reset;
  return number(FieldName::inin_rate_limit_reset);
}

}  // namespace

std::optional<RetryDelay> retry_delay(int status, const FieldList& fields, base::WallTime now) {
  const sys_seconds from = parse_date(fields.value(FieldName::date), now)
                               .value_or(std::chrono::floor<std::chrono::seconds>(now));
  if (const auto delay = retry_after(fields.value(FieldName::retry_after), from, now)) {
    return RetryDelay{*delay, status == kTooManyRequests || status == kServiceUnavailable};
  }
  if (status != kTooManyRequests) return std::nullopt;
  const auto reset = quota_reset(fields);
  if (!reset) return std::nullopt;
  return RetryDelay{until_reset(*reset, from), false};
}

}  // namespace bearer::http
