// A time to come in a response field: a number of seconds or milliseconds, a duration with units,
// an epoch, or a date.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace bearer::http {

/// The unit of a field's bare numbers.
enum class TimeUnit : std::uint8_t {
  seconds,
  milliseconds,
  unsaid,  ///< not known: APIs differ
};

struct TimeAhead {
  std::chrono::milliseconds wait{};  ///< counted from the response; negative if it has passed
  /// `wait` takes a number for seconds, and it may be milliseconds.
  bool vague = false;

  /// The wait in the reading that ends first.
  std::chrono::milliseconds soonest() const { return vague ? wait / 1000 : wait; }
  bool operator==(const TimeAhead&) const = default;
};

/// Reads `30`, `+30`, `"30"`, `1.5`, `3s`, `3 seconds`, `6m0s`, `1773576030`, `1773576030.25`,
/// `1773576030500` and every form of parse_date(). Fractions of a millisecond are rounded up, so
/// that nobody comes early. nullopt for anything else.
///
/// A number over 10^9 is an epoch in seconds, over 10^12 in milliseconds, and counts from `from`,
/// as dates do. A smaller number with a fraction is in seconds, and so is one of up to 60 with an
/// unknown unit: if that is wrong, a minute is lost; the opposite mistake would make every request
/// of a minutely quota a minute early. A larger one with an unknown unit is vague.
std::optional<TimeAhead> read_time_ahead(std::string_view value, TimeUnit unit,
                                         std::chrono::sys_seconds from);

/// Takes off one of the values that an intermediary may have joined: `3, 3`. The comma after the
/// name of a day is not a separator.
std::string_view take_time_ahead(std::string_view& rest);

/// A number of seconds, digits alone and perhaps in quotes; ten years at most. nullopt for anything
/// else.
std::optional<base::Duration> parse_seconds(std::string_view value);

/// Limits a wait to between zero and ten years.
base::Duration bounded_delay(std::chrono::milliseconds wait);

/// Returns when the response with this Date was made; `now` if that is empty or malformed.
std::chrono::sys_seconds response_time(std::string_view date, base::WallTime now);

}  // namespace bearer::http
