#include "base/iso_time.h"

#include <chrono>
#include <cstddef>

#include "base/text.h"

namespace bearer::base {
namespace {

/// Takes `digits` digits off the front; nullopt, with nothing taken, if there are fewer.
std::optional<unsigned> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  unsigned number = 0;
  for (const char c : text.substr(0, digits)) {
    if (!is_digit(c)) return std::nullopt;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  // A WallTime cannot hold other years.
  if (!date.ok() || *year < 1970 || *year > 2255) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// In nanoseconds; finer digits are dropped.
Duration take_fraction(std::string_view& text) {
  Duration fraction{};
  Duration unit = std::chrono::milliseconds(100);
  while (!text.empty() && is_digit(text.front())) {
    fraction += unit * (text.front() - '0');
    unit /= 10;
    text.remove_prefix(1);
  }
  return fraction;
}

std::optional<Duration> take_time(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ":")) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const Duration whole =
      std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
  return take(text, ".,") ? whole + take_fraction(text) : whole;
}

/// Reads the rest of the text: how far its clock is ahead of UTC.
std::optional<Duration> zone(std::string_view text) {
  text = trim(text);
  if (iequals(text, "Z") || iequals(text, "UTC")) return Duration::zero();
  const bool behind = text.starts_with('-');
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_number(text, 2);
  take(text, ":");
  const auto minutes = text.empty() ? std::optional(0u) : take_number(text, 2);
  if (!hours || !minutes || !text.empty() || *hours > 15 || *minutes > 59) return std::nullopt;
  const Duration ahead = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return behind ? -ahead : ahead;
}

}  // namespace

std::optional<WallTime> parse_iso_time(std::string_view text) {
  text = trim(text);
  const auto date = take_date(text);
  if (!date || !take(text, "Tt ")) return std::nullopt;
  const auto time = take_time(text);
  if (!time) return std::nullopt;
  const auto ahead = zone(text);
  if (!ahead) return std::nullopt;
  return WallTime(*date) + *time - *ahead;
}

}  // namespace bearer::base
