#include "http/date.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace bearer::http {
namespace {

using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
constexpr std::size_t kShortName = 3;

constexpr bool is_letter(char c) {
  return base::lower(c) >= 'a' && base::lower(c) <= 'z';
}

/// Returns the index in `names` of the word, whole or cut to three letters or more; -1 if none.
template <std::size_t size>
int index_of(const std::array<std::string_view, size>& names, std::string_view word) {
  if (word.size() < kShortName) return -1;
  for (std::size_t i = 0; i < size; ++i) {
    if (base::istarts_with(names[i], word)) return static_cast<int>(i);
  }
  return -1;
}

/// The parts of a date. Each may come once; -1 until then.
struct Parts {
  int year = -1, month = -1, day = -1, hour = -1, minute = 0, second = 0;
  bool short_year = false;                     ///< it has two digits
  std::chrono::nanoseconds fraction{};         ///< of a second
  std::optional<std::chrono::minutes> offset;  ///< of its zone from UTC
};

/// Reads the parts in any order: no two forms differ in the look of a part.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_(text) {}

  std::optional<Parts> read() {
    while (!rest_.empty()) {
      if (!read_part()) return std::nullopt;
    }
    const bool whole = parts_.year >= 0 && parts_.month > 0 && parts_.day > 0;
    if (!whole || (parts_.hour < 0 && !iso_)) return std::nullopt;
    parts_.hour = std::max(parts_.hour, 0);
    return parts_;
  }

 private:
  bool timed() const { return parts_.hour >= 0; }

  bool read_part() {
    const char c = rest_.front();
    if (base::is_digit(c)) return read_number();
    if (is_letter(c)) return read_word();
    // `GMT+0100 (Central European Standard Time)`: the offset has already said it.
    if (c == '(' && timed() && rest_.ends_with(')')) return take(rest_.size());
    if (timed() && (c == '+' || c == '-')) return read_offset();
    const bool separates = c == ' ' || c == ',' || c == '-';
    return separates && take(1);
  }

  bool read_word() {
    std::size_t length = 0;
    while (length < rest_.size() && is_letter(rest_[length])) ++length;
    const std::string_view word = rest_.substr(0, length);
    take(length);
    if (timed() && !parts_.offset && is_utc(word)) return set_offset(std::chrono::minutes(0));
    if (const int month = index_of(kMonths, word); month >= 0) return set(parts_.month, month + 1);
    if (iso_ && !timed() && base::iequals(word, "T")) return !rest_.empty();
    return !named_ && (named_ = index_of(kDays, word) >= 0);
  }

  bool read_number() {
    const std::size_t digits = count_digits();
    const std::size_t next = digits < rest_.size() ? digits : 0;
    if (digits <= 2 && rest_[next] == ':') return read_time();
    if (digits == 4 && rest_[next] == '-' && parts_.day < 0 && parts_.month < 0) return read_iso();
    if (digits == 4) return set(parts_.year, number(4));
    if (digits > 2) return false;
    if (parts_.day < 0) return set(parts_.day, number(digits));
    parts_.short_year = parts_.year < 0;
    return digits == 2 && set(parts_.year, number(2));
  }

  /// `1994-11-06`
  bool read_iso() {
    iso_ = true;
    return set(parts_.year, number(4)) && skip('-') && two(parts_.month) && skip('-') &&
           two(parts_.day);
  }

  /// `8:49`, `08:49:37`, `08:49:37.123`
  bool read_time() {
    if (timed()) return false;
    parts_.hour = number(count_digits());
    if (!skip(':') || !two(parts_.minute)) return false;
    if (!skip(':')) return true;
    if (!two(parts_.second)) return false;
    if (!skip('.') && !(iso_ && skip(','))) return true;
    if (count_digits() == 0) return false;
    std::chrono::nanoseconds unit = std::chrono::milliseconds(100);
    for (; !rest_.empty() && base::is_digit(rest_.front()); unit /= 10) {
      parts_.fraction += number(1) * unit;
    }
    return true;
  }

  /// `+0100`, `-05:30`, `+01`
  bool read_offset() {
    const int sign = rest_.front() == '-' ? -1 : 1;
    int hours = 0, minutes = 0;
    take(1);
    // In `GMT+0100`, GMT came first.
    if (parts_.offset.value_or(std::chrono::minutes(0)) != std::chrono::minutes(0)) return false;
    if (!two(hours)) return false;
    if ((skip(':') || count_digits() > 0) && !two(minutes)) return false;
    if (hours > 23 || minutes > 59) return false;
    return set_offset(std::chrono::minutes(sign * (hours * 60 + minutes)));
  }

  static bool is_utc(std::string_view word) {
    return base::iequals(word, "GMT") || base::iequals(word, "UTC") || base::iequals(word, "UT") ||
           base::iequals(word, "Z");
  }
  bool set_offset(std::chrono::minutes offset) {
    parts_.offset = offset;
    return true;
  }
  bool set(int& part, int value) {
    if (part >= 0) return false;
    part = value;
    return true;
  }
  bool two(int& part) {
    if (count_digits() < 2) return false;
    part = number(2);
    return true;
  }
  bool skip(char c) { return rest_.starts_with(c) && take(1); }
  bool take(std::size_t count) {
    rest_.remove_prefix(count);
    return true;
  }
  std::size_t count_digits() const {
    std::size_t count = 0;
    while (count < rest_.size() && base::is_digit(rest_[count])) ++count;
    return count;
  }
  /// Takes that many digits.
  int number(std::size_t digits) {
    int value = 0;
    for (const char c : rest_.substr(0, digits)) value = value * 10 + (c - '0');
    take(digits);
    return value;
  }

  std::string_view rest_;
  Parts parts_;
  bool named_ = false;  // the day's name was read
  bool iso_ = false;
};

std::optional<sys_seconds> to_time(const Parts& parts) {
  const year_month_day date{std::chrono::year(parts.year),
                            std::chrono::month(static_cast<unsigned>(parts.month)),
                            std::chrono::day(static_cast<unsigned>(parts.day))};
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
  return sys_days(date) + std::chrono::hours(parts.hour) + std::chrono::minutes(parts.minute) +
         std::chrono::seconds(parts.second) - parts.offset.value_or(std::chrono::minutes(0));
}

/// The same day (for 29 February: 1 March) and time of day, `years` after `time`.
sys_seconds years_after(sys_seconds time, int years) {
  const sys_days day = std::chrono::floor<std::chrono::days>(time);
  return sys_days(year_month_day(day) + std::chrono::years(years)) + (time - day);
}

/// Puts a two-digit year into the hundred years around `now`: "a timestamp that appears to be more
/// than 50 years in the future" is the most recent past year with the same last two digits.
std::optional<sys_seconds> to_time_near(Parts parts, sys_seconds now) {
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

}  // namespace

std::optional<Date> parse_date(std::string_view text, sys_seconds now) {
  const std::optional<Parts> parts = DateReader(text).read();
  if (!parts) return std::nullopt;
  const auto time = parts->short_year ? to_time_near(*parts, now) : to_time(*parts);
  if (!time) return std::nullopt;
  return Date{*time, parts->fraction, parts->offset.has_value()};
}

bool names_day(std::string_view word) {
  return index_of(kDays, word) >= 0;
}

}  // namespace bearer::http
