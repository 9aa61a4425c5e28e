#include "http/time_ahead.h"

#include <algorithm>

#include "base/text.h"
#include "http/date.h"
#include "http/quoted_string.h"

namespace bearer::http {
namespace {

using std::chrono::milliseconds, std::chrono::seconds;

constexpr milliseconds kDelayMax = std::chrono::years(10);
constexpr std::int64_t kEpochSecondsMin = 1'000'000'000;
constexpr std::int64_t kEpochMillisecondsMin = 1'000'000'000'000;
constexpr std::int64_t kNumberMax = 1'000'000'000'000'000;  // far beyond ten years of anything

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), base::is_digit);
}

}  // namespace

std::optional<std::int64_t> parse_time_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::string_view whole = base::take_until(text, '.');
  if (whole.empty() || !all_digits(whole) || !all_digits(text)) return std::nullopt;
  if (negative) return 0;
  const auto value = base::parse_decimal(whole);
  if (!value || *value >= static_cast<std::uint64_t>(kNumberMax)) return kNumberMax;
  const bool has_fraction = text.find_first_not_of('0') != std::string_view::npos;
  return static_cast<std::int64_t>(*value) + (has_fraction ? 1 : 0);
}

std::optional<base::Duration> parse_seconds(std::string_view value) {
  const std::string_view digits = inside_quotes(value);
  if (digits.empty() || !all_digits(digits)) return std::nullopt;
  const auto longest = static_cast<std::uint64_t>(std::chrono::floor<seconds>(kDelayMax).count());
  return seconds(std::min(base::parse_decimal(digits).value_or(longest), longest));
}

milliseconds time_ahead(std::int64_t number, std::chrono::sys_seconds from) {
  const milliseconds start = from.time_since_epoch();
  if (number > kEpochMillisecondsMin) return milliseconds(number) - start;
  if (number > kEpochSecondsMin) return seconds(number) - start;
  return seconds(number);
}

base::Duration bounded_delay(milliseconds wait) {
  return std::clamp(wait, milliseconds::zero(), kDelayMax);
}

std::chrono::sys_seconds response_time(const FieldList& fields, base::WallTime now) {
  const auto date = parse_date(fields.value(FieldName::date), now);
  return date.value_or(std::chrono::floor<seconds>(now));
}

}  // namespace bearer::http
