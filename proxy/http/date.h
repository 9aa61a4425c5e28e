// Points in time as fields give them: HTTP-date (RFC 9110 section 5.6.7), written in one form and
// read in every form that servers write, ISO 8601 (RFC 3339) included.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bearer::http {

/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`;
/// the like with `UTC`, `+0000`, `GMT+0100 (…)` or no zone at all, a day without its zero, names in
/// any case and spelled out; `1994-11-06T08:49:37.5Z`, `1994-11-06 08:49:37`, `1994-11-06`.
///
/// A time without a zone is UTC. A fraction of a second is rounded up, so that nobody comes early.
/// The day's name is not held against the date. A two-digit year is the one within 50 years of
/// `now`. Both in whole seconds: nanoseconds do not reach the year 9999. nullopt for what has one
/// part too many or too few, a zone that is a name of its own, and a day or time that does not
/// exist; second 60 does.
std::optional<std::chrono::sys_seconds> parse_date(std::string_view text,
                                                   std::chrono::sys_seconds now);

/// True for a day of the week, whole or cut to three letters or more, in any case.
bool names_day(std::string_view word);

/// The first form, which is the only one to be sent. REQUIRES: a year from 0 to 9999.
std::string format_date(std::chrono::sys_seconds time);

}  // namespace bearer::http
