// HTTP-date (RFC 9110 section 5.6.7): read in all three forms, written in one.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace bearer::http {

/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
///
/// nullopt for any other form and for a day or time that does not exist; second 60 does. The day's
/// name is not held against the date. A two-digit year is the one within 50 years of `now`.
std::optional<std::chrono::sys_seconds> parse_date(std::string_view text, base::WallTime now);

/// The first form, which is the only one to be sent. REQUIRES: a year from 0 to 9999.
std::string format_date(std::chrono::sys_seconds time);

}  // namespace bearer::http
