#include "http/time_ahead.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/date.h"
#include "http/quoted_string.h"

namespace bearer::http {
namespace {

using std::chrono::milliseconds, std::chrono::seconds;

constexpr milliseconds kDelayMax = std::chrono::years(10);
constexpr std::int64_t kEpochSecondsMin = 1'000'000'000;
constexpr std::int64_t kEpochMillisecondsMin = 1'000'000'000'000;
constexpr std::int64_t kNumberMax = 1'000'000'000'000'000;  // far beyond ten years in any unit
constexpr std::int64_t kSurelySecondsMax = 60;

struct Unit {
  std::string_view name;
  milliseconds length;
};
constexpr std::array kUnits{
    Unit{"ms", milliseconds(1)},
    Unit{"msec", milliseconds(1)},
    Unit{"millisecond", milliseconds(1)},
    Unit{"s", seconds(1)},
    Unit{"sec", seconds(1)},
    Unit{"second", seconds(1)},
    Unit{"m", std::chrono::minutes(1)},
    Unit{"min", std::chrono::minutes(1)},
    Unit{"minute", std::chrono::minutes(1)},
    Unit{"h", std::chrono::hours(1)},
    Unit{"hr", std::chrono::hours(1)},
    Unit{"hour", std::chrono::hours(1)},
    Unit{"d", std::chrono::days(1)},
    Unit{"day", std::chrono::days(1)},
};

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), base::is_digit);
}

std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), base::is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

/// A decimal in thousandths, rounded up.
struct Number {
  std::int64_t whole = 0;
  std::int64_t thousandths = 0;  ///< beside the whole; up to 1000
  bool fraction = false;         ///< it has a decimal point

  std::int64_t in_thousandths() const { return whole * 1000 + thousandths; }
  std::int64_t rounded_up() const { return whole + (thousandths > 0 ? 1 : 0); }
};

std::optional<Number> take_number(std::string_view& text) {
  const std::string_view whole = take_digits(text);
  if (whole.empty()) return std::nullopt;
  Number number;
  const auto value = base::parse_decimal(whole);
  number.whole =
      static_cast<std::int64_t>(std::min<std::uint64_t>(value.value_or(kNumberMax), kNumberMax));
  if (!text.starts_with('.')) return number;
  text.remove_prefix(1);
  const std::string_view digits = take_digits(text);
  number.fraction = true;
  for (std::size_t i = 0; i < 3; ++i) {
    number.thousandths = number.thousandths * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  }
  const std::string_view rest = digits.substr(std::min<std::size_t>(digits.size(), 3));
  if (rest.find_first_not_of('0') != std::string_view::npos) ++number.thousandths;
  return number;
}

TimeAhead ahead(const Number& number, TimeUnit unit, std::chrono::sys_seconds from) {
  const milliseconds start = from.time_since_epoch();
  if (number.whole > kEpochMillisecondsMin) return {milliseconds(number.rounded_up()) - start};
  if (unit == TimeUnit::milliseconds) return {milliseconds(number.rounded_up())};
  const milliseconds as_seconds(number.in_thousandths());
  if (number.whole > kEpochSecondsMin) return {as_seconds - start};
  const bool vague =
      unit == TimeUnit::unsaid && !number.fraction && number.whole > kSurelySecondsMax;
  return {as_seconds, vague};
}

/// The number in the unit that `text` begins with, in milliseconds: `1.5m` is 90 s.
std::optional<milliseconds> take_unit(std::string_view& text, const Number& number) {
  text = base::trim(text);
  std::size_t length = 0;
  while (length < text.size() && base::lower(text[length]) >= 'a' &&
         base::lower(text[length]) <= 'z') {
    ++length;
  }
  std::string_view name = text.substr(0, length);
  text = base::trim(text.substr(length));
  if (name.size() > 2 && base::lower(name.back()) == 's') name.remove_suffix(1);
  for (const Unit& unit : kUnits) {
    if (!base::iequals(unit.name, name)) continue;
    if (number.whole > kDelayMax / unit.length) return kDelayMax;
    const std::int64_t thousandths = number.in_thousandths() * unit.length.count();
    return milliseconds((thousandths + 999) / 1000);
  }
  return std::nullopt;
}

/// `3s`, `3 seconds`, `6m0s`, `1h 2m 3.5s`
std::optional<TimeAhead> with_units(std::string_view text) {
  milliseconds sum{};
  while (!text.empty()) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    const auto part = take_unit(text, *number);
    if (!part) return std::nullopt;
    sum = std::min(sum + *part, kDelayMax);
  }
  return TimeAhead{sum};
}

}  // namespace

std::optional<TimeAhead> read_time_ahead(std::string_view value, TimeUnit unit,
                                         std::chrono::sys_seconds from) {
  std::string_view text = base::trim(inside_quotes(base::trim(value)));
  if (text.empty()) return std::nullopt;
  if (const auto date = parse_date(text, from)) return TimeAhead{date->rounded_up() - from};
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::string_view rest = text;
  const auto number = take_number(rest);
  if (!number) return std::nullopt;
  if (negative)
    return rest.empty() ? std::optional(TimeAhead{-seconds(number->whole)}) : std::nullopt;
  return rest.empty() ? ahead(*number, unit, from) : with_units(text);
}

std::string_view take_time_ahead(std::string_view& rest) {
  const std::string_view all = rest;
  const std::string_view first = take_element(rest, ',');
  if (!names_day(first) || rest.empty()) return first;
  const std::string_view second = take_element(rest, ',');
  return all.substr(0, static_cast<std::size_t>(second.data() + second.size() - all.data()));
}

std::optional<base::Duration> parse_seconds(std::string_view value) {
  const std::string_view digits = inside_quotes(value);
  if (digits.empty() || !all_digits(digits)) return std::nullopt;
  const auto longest = static_cast<std::uint64_t>(std::chrono::floor<seconds>(kDelayMax).count());
  return seconds(std::min(base::parse_decimal(digits).value_or(longest), longest));
}

base::Duration bounded_delay(milliseconds wait) {
  return std::clamp(wait, milliseconds::zero(), kDelayMax);
}

std::chrono::sys_seconds response_time(std::string_view date, base::WallTime now) {
  const auto ours = std::chrono::floor<seconds>(now);
  const auto read = parse_date(date, ours);
  return read ? read->rounded_up() : ours;
}

}  // namespace bearer::http
