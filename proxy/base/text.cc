#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

namespace bearer::base {
namespace {

constexpr Duration kDurationMax = std::chrono::years(10);

struct DurationUnit {
  std::string_view suffix;
  Duration length;
};
constexpr std::array<DurationUnit, 4> kDurationUnits{{
    {"ms", std::chrono::milliseconds(1)},
    {"s", std::chrono::seconds(1)},
    {"m", std::chrono::minutes(1)},
    {"h", std::chrono::hours(1)},
}};

struct SizeUnit {
  std::string_view suffix;
  unsigned shift;
};
constexpr std::array<SizeUnit, 3> kSizeUnits{{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

/// Applies lower() to each byte of a word.
constexpr std::uint64_t lower_each(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x80 * kOnes;
  const std::uint64_t low = word & ~kTops;
  const std::uint64_t from_a = low + (0x80 - 'A') * kOnes;      // the top bit is set from A on
  const std::uint64_t past_z = low + (0x80 - 'Z' - 1) * kOnes;  // and here past Z
  const std::uint64_t capital = from_a & ~past_z & ~word & kTops;
  return word | capital >> 2;
}

/// True if the bytes are the same, except for the case of letters.
template <typename Word>
bool alike(const char* a, const char* b) {
  Word x, y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  return x == y || lower_each(x) == lower_each(y);
}

/// The length that a suffix stands for; no suffix means seconds.
std::optional<Duration> unit_length(std::string_view suffix) {
  if (suffix.empty()) return std::chrono::seconds(1);
  for (const DurationUnit& unit : kDurationUnits) {
    if (unit.suffix == suffix) return unit.length;
  }
  return std::nullopt;
}

/// The part of `unit` that the digits after a decimal point name; parts below 1 ns are dropped.
Duration fraction_of(Duration unit, std::string_view digits) {
  Duration sum{};
  for (const char digit : digits) {
    unit /= 10;
    sum += unit * (digit - '0');
  }
  return sum;
}

/// `2 m 30 s`, or `2 m` if nothing is left over.
std::string two_parts(std::int64_t whole, std::string_view unit, std::int64_t rest,
                      std::string_view rest_unit) {
  std::string text = std::to_string(whole).append(" ").append(unit);
  if (rest != 0) text.append(" ").append(std::to_string(rest)).append(" ").append(rest_unit);
  return text;
}

/// Tenths as `1.2 s` or `1 s`.
std::string with_tenth(std::int64_t tenths, std::string_view unit) {
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) text.append(".").append(std::to_string(tenths % 10));
  return text.append(" ").append(unit);
}

/// The number of insertions, deletions, replacements and swaps of neighbours from `a` to `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);  // the row for two letters of `a` before
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string to_lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

// A field's name is compared some twenty times a request, so it is compared by words. The last one
// may overlap the one before.
bool same_beginning(std::string_view text, std::string_view prefix) {
  const std::size_t size = prefix.size();
  const char* const a = text.data();
  const char* const b = prefix.data();
  constexpr std::size_t kWhole = sizeof(std::uint64_t), kHalf = sizeof(std::uint32_t);
  if (size >= kWhole) {
    for (std::size_t i = 0; i + kWhole <= size; i += kWhole) {
      if (!alike<std::uint64_t>(a + i, b + i)) return false;
    }
    return alike<std::uint64_t>(a + size - kWhole, b + size - kWhole);
  }
  if (size >= kHalf) {
    return alike<std::uint32_t>(a, b) && alike<std::uint32_t>(a + size - kHalf, b + size - kHalf);
  }
  return std::equal(b, b + size, a, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view head = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return head;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

std::optional<Duration> parse_duration(std::string_view text) {
  const auto whole = parse_decimal(take_digits(text));
  if (!whole) return std::nullopt;
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
    if (fraction.empty()) return std::nullopt;
  }
  const auto unit = unit_length(text);
  if (!unit || *whole > static_cast<std::uint64_t>(kDurationMax / *unit)) return std::nullopt;
  const Duration duration =
      *unit * static_cast<std::int64_t>(*whole) + fraction_of(*unit, fraction);
  if (duration > kDurationMax) return std::nullopt;
  return duration;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  const auto count = parse_decimal(take_digits(text));
  if (!count || text.empty()) return count;
  for (const SizeUnit& unit : kSizeUnits) {
    if (unit.suffix != text) continue;
    if (*count > std::numeric_limits<std::uint64_t>::max() >> unit.shift) return std::nullopt;
    return *count << unit.shift;
  }
  return std::nullopt;
}

std::string format_duration(Duration duration) {
  using namespace std::chrono;
  if (duration < Duration::zero()) {
    return "-" + format_duration(duration == Duration::min() ? Duration::max() : -duration);
  }
  const auto count = [&](Duration unit) { return static_cast<std::int64_t>(duration / unit); };
  if (duration < 1ms) return with_tenth(count(100us), "ms");
  if (duration < 1s) return two_parts(count(1ms), "ms", 0, "");
  if (duration < 10s) return with_tenth(count(100ms), "s");
  if (duration < 1min) return two_parts(count(1s), "s", 0, "");
  if (duration < 1h) return two_parts(count(1min), "m", count(1s) % 60, "s");
  if (duration < 24h) return two_parts(count(1h), "h", count(1min) % 60, "m");
  return two_parts(count(24h), "d", count(1h) % 24, "h");
}

double seconds(Duration duration, Duration precision) {
  using Exact = std::chrono::duration<double, Duration::period>;
  return std::round(Exact(duration) / precision) / (Exact(std::chrono::seconds(1)) / precision);
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view more) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : more);
}

// gmtime_r() would do too, but it reads the machine's time zone first.
std::string format_utc(WallTime wall) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(wall);
  const auto day = std::chrono::floor<std::chrono::days>(whole);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(whole - day);
  std::array<char, 80> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string format_utc_milliseconds(WallTime wall) {
  const auto since_second = wall - std::chrono::floor<std::chrono::seconds>(wall);
  const auto count = std::chrono::floor<std::chrono::milliseconds>(since_second).count();
  const std::string digits = std::to_string(1000 + count);  // "1" and three digits
  std::string text = format_utc(wall);
  return text.replace(text.size() - 1, 1, "." + digits.substr(1) + "Z");
}

std::string printable(std::string_view text, std::size_t chars_max) {
  std::string shown(text.substr(0, chars_max));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return shown;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t fewest = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t edits = edit_distance(word, candidate);
    if (edits >= fewest) continue;
    fewest = edits;
    best = candidate;
  }
  return best;
}

}  // namespace bearer::base
