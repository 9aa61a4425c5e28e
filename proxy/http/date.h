// Points in time in fields: HTTP-date (RFC 9110 section 5.6.7), written in one form and read in
// every form that servers write, ISO 8601 (RFC 3339) included.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bearer::http {

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37
/// 1994`; the same with `UTC`, `+0000`, `GMT+0100 (…)` or no zone at all, with a day that lacks its
/// zero, with names in any case and spelled out; `1994-11-06T08:49:37.5Z`, `1994-11-06 08:49:37`,
/// `1994-11-06`.
///
/// A time without a zone is UTC. A fraction of a second is rounded up, so that nobody comes early.
/// A wrong name of the day is ignored. A two-digit year is the one within 50 years of `now`.
/// Argument and result are whole seconds, because nanoseconds do not reach the year 9999. nullopt
/// if a part is missing or comes twice, if the zone is another name, and if the day or time does
/// not exist; second 60 does.
std::optional<std::chrono::sys_seconds> parse_date(std::string_view text,
                                                   std::chrono::sys_seconds now);

/// True for a day of the week, whole or cut to three letters or more, in any case.
bool names_day(std::string_view word);

/// Writes the first form, the only one that may be sent. REQUIRES: a year from 0 to 9999.
std::string format_date(std::chrono::sys_seconds time);

}  // namespace bearer::http
