// Points in time in fields and answers: HTTP-date (RFC 9110 section 5.6.7), read in every form that
// servers write, ISO 8601 (RFC 3339) included.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace bearer::http {

/// In whole seconds and a fraction, because nanoseconds do not reach the year 9999.
struct Date {
  std::chrono::sys_seconds time;
  std::chrono::nanoseconds fraction{};  ///< less than a second
  bool zoned = false;                   ///< it names its zone. Otherwise it is read as UTC

  /// To a whole second, so that nobody comes early.
  std::chrono::sys_seconds rounded_up() const {
    return std::chrono::ceil<std::chrono::seconds>(fraction) + time;
  }
};

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37
/// 1994`; the same with `UTC`, `+0000`, `GMT+0100 (…)` or no zone at all, with a day that lacks its
/// zero, with names in any case and spelled out; `1994-11-06T08:49:37.5Z`, `1994-11-06 08:49:37`,
/// `1994-11-06`.
///
/// A wrong name of the day is ignored. A two-digit year is the one within 50 years of `now`.
/// nullopt if a part is missing or comes twice, if the zone is another name, and if the day or time
/// does not exist; second 60 does.
std::optional<Date> parse_date(std::string_view text, std::chrono::sys_seconds now);

/// True for a day of the week, whole or cut to three letters or more, in any case.
bool names_day(std::string_view word);

}  // namespace bearer::http
