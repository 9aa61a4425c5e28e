#include "http/date.h"

#include <array>
#include <cassert>

#include "base/text.h"

namespace bearer::http {
namespace {

using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t kShortName = 3;

// What follows the day's name. Y D h m s stand for digits, `_` for a digit or a space, `NNN` for a
// month; everything else for itself.
constexpr std::string_view kImfFixdate = ", DD NNN YYYY hh:mm:ss GMT";
constexpr std::string_view kRfc850 = ", DD-NNN-YY hh:mm:ss GMT";
constexpr std::string_view kAsctime = " NNN _D hh:mm:ss YYYY";

struct Parts {
  int year = 0, day = 0, hour = 0, minute = 0, second = 0;
  unsigned month = 0;

  int* number(char symbol) {
    switch (symbol) {
      case 'Y': return &year;
      case '_':
      case 'D': return &day;
      case 'h': return &hour;
      case 'm': return &minute;
      case 's': return &second;
      default: return nullptr;
    }
  }
};

/// 1 to 12, or 0.
unsigned month_number(std::string_view name) {
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (kMonths[i] == name) return i + 1;
  }
  return 0;
}

bool match(std::string_view text, std::string_view pattern, Parts& parts) {
  if (text.size() != pattern.size()) return false;
  const std::size_t month = pattern.find("NNN");
  parts.month = month_number(text.substr(month, kShortName));
  if (parts.month == 0) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (i >= month && i < month + kShortName) continue;
    int* const number = parts.number(pattern[i]);
    if (number == nullptr) {
      if (text[i] != pattern[i]) return false;
    } else if (base::is_digit(text[i])) {
      *number = *number * 10 + (text[i] - '0');
    } else if (pattern[i] != '_' || text[i] != ' ') {
      return false;
    }
  }
  return true;
}

std::optional<sys_seconds> to_time(const Parts& parts) {
  const year_month_day date{std::chrono::year(parts.year), std::chrono::month(parts.month),
                            std::chrono::day(static_cast<unsigned>(parts.day))};
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
  return sys_days(date) + std::chrono::hours(parts.hour) + std::chrono::minutes(parts.minute) +
         std::chrono::seconds(parts.second);
}

/// Years after `time`, on the same day (of 29 February: 1 March) and at the same time of day.
base::WallTime years_after(base::WallTime time, int years) {
  const sys_days day = std::chrono::floor<std::chrono::days>(time);
  return sys_days(year_month_day(day) + std::chrono::years(years)) + (time - day);
}

/// Puts a two-digit year into the hundred years around `now`: "a timestamp that appears to be more
/// than 50 years in the future" is the most recent past year with the same last two digits.
std::optional<sys_seconds> to_time_near(Parts parts, base::WallTime now) {
  const year_month_day today(std::chrono::floor<std::chrono::days>(now));
  const int this_year = static_cast<int>(today.year());
  const int digits = parts.year;
  for (const int century : {100, 0, -100}) {
    parts.year = this_year - this_year % 100 + century + digits;
    const auto time = to_time(parts);
    if (parts.year > this_year + 50 || (time && *time > years_after(now, 50))) continue;
    return time;
  }
  return std::nullopt;
}

void append_digits(std::string& out, unsigned value, unsigned divisor) {
  for (; divisor != 0; divisor /= 10) out += static_cast<char>('0' + value / divisor % 10);
}

}  // namespace

std::optional<sys_seconds> parse_date(std::string_view text, base::WallTime now) {
  for (const std::string_view day : kDays) {
    Parts rfc850;
    if (text.starts_with(day) && match(text.substr(day.size()), kRfc850, rfc850)) {
      return to_time_near(rfc850, now);
    }
    if (!text.starts_with(day.substr(0, kShortName))) continue;
    const std::string_view rest = text.substr(kShortName);
    Parts imf_fixdate;
    if (match(rest, kImfFixdate, imf_fixdate)) return to_time(imf_fixdate);
    Parts asctime;
    if (match(rest, kAsctime, asctime)) return to_time(asctime);
  }
  return std::nullopt;
}

std::string format_date(sys_seconds time) {
  const sys_days day = std::chrono::floor<std::chrono::days>(time);
  const year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const int year = static_cast<int>(date.year());
  assert(year >= 0 && year <= 9999);

  std::string text(kDays[std::chrono::weekday(day).c_encoding()].substr(0, kShortName));
  text += ", ";
  append_digits(text, static_cast<unsigned>(date.day()), 10);
  text.append(" ").append(kMonths[static_cast<unsigned>(date.month()) - 1]).append(" ");
  append_digits(text, static_cast<unsigned>(year), 1000);
  text += ' ';
  append_digits(text, static_cast<unsigned>(clock.hours().count()), 10);
  text += ':';
  append_digits(text, static_cast<unsigned>(clock.minutes().count()), 10);
  text += ':';
  append_digits(text, static_cast<unsigned>(clock.seconds().count()), 10);
  return text += " GMT";
}

}  // namespace bearer::http
