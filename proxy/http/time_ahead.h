// A time to come, as response fields give it: a number of seconds or milliseconds, a duration with
// its units, an epoch, or a date.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace bearer::http {

/// A field's bare numbers count these.
enum class TimeUnit : std::uint8_t {
  seconds,
  milliseconds,
  unsaid,  ///< APIs differ
};

struct TimeAhead {
  std::chrono::milliseconds wait{};  ///< from the response on; negative where it is past
  /// `wait` reads a number as seconds, and it may as well be milliseconds.
  bool vague = false;

  /// By the reading that ends first.
  std::chrono::milliseconds soonest() const { return vague ? wait / 1000 : wait; }
  bool operator==(const TimeAhead&) const = default;
};

/// Reads `30`, `+30`, `"30"`, `1.5`, `3s`, `3 seconds`, `6m0s`, `1773576030`, `1773576030.25`,
/// `1773576030500` and whatever parse_date() takes. What is below a millisecond is rounded up, so
/// that nobody comes early. nullopt for anything else.
///
/// A number over 10^9 is an epoch in seconds, over 10^12 in milliseconds, and counts from `from`,
/// as dates do. A smaller one that has a fraction is seconds, and so is one of up to 60 where the
/// unit is unsaid: if that was wrong, a minute is lost; the other way round, every minutely quota
/// would be asked again a minute early. A larger one whose unit is unsaid is vague.
std::optional<TimeAhead> read_time_ahead(std::string_view value, TimeUnit unit,
                                         std::chrono::sys_seconds from);

/// A number of seconds, digits alone and perhaps in quotes; ten years at most. nullopt for anything
/// else.
std::optional<base::Duration> parse_seconds(std::string_view value);

/// Nothing is waited for longer than ten years, nor less than not at all.
base::Duration bounded_delay(std::chrono::milliseconds wait);

/// Returns when the response with this Date was made; `now` where that is empty or malformed.
std::chrono::sys_seconds response_time(std::string_view date, base::WallTime now);

}  // namespace bearer::http
