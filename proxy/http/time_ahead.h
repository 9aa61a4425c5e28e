// A time to come, as response fields give it in a number: seconds from now, or an epoch.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "http/fields.h"

namespace bearer::http {

/// An integer or a decimal, rounded up so that nobody comes early. Negative is 0, and what is
/// absurdly large is 10^15. nullopt for anything else.
std::optional<std::int64_t> parse_time_number(std::string_view text);

/// A number of seconds, digits alone and perhaps in quotes; ten years at most. nullopt for anything
/// else.
std::optional<base::Duration> parse_seconds(std::string_view value);

/// Seconds from `from` on; over 10^9 an epoch in seconds, over 10^12 in milliseconds: negative
/// where that is past.
std::chrono::milliseconds time_ahead(std::int64_t number, std::chrono::sys_seconds from);

/// Nothing is waited for longer than ten years, nor less than not at all.
base::Duration bounded_delay(std::chrono::milliseconds wait);

/// When the response was made: its Date, `now` where that is missing or malformed.
std::chrono::sys_seconds response_time(const FieldList& fields, base::WallTime now);

}  // namespace bearer::http
