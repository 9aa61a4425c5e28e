// Small functions for ASCII text. None allocates unless it returns a string.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace bearer::base {

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
/// Returns the value of a hex digit in either case, or -1 for any other character.
constexpr int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

std::string to_lower(std::string_view text);

/// True if `text` begins with `prefix`, except for the case of ASCII letters. REQUIRES: `prefix` is
/// not empty, and `text` is at least as long.
bool same_beginning(std::string_view text, std::string_view prefix);

/// Equal except for the case of ASCII letters. Mostly the first letter decides, without a call.
inline bool istarts_with(std::string_view text, std::string_view prefix) {
  if (prefix.empty()) return true;
  return text.size() >= prefix.size() && lower(text.front()) == lower(prefix.front()) &&
         same_beginning(text, prefix);
}
inline bool iequals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && istarts_with(a, b);
}

/// Without leading and trailing spaces and tabs (RFC 9110 section 5.6.3, OWS).
std::string_view trim(std::string_view text);

/// Cuts `text` at its first `separator`: returns the part before, and leaves the rest in `text`.
std::string_view take_until(std::string_view& text, char separator);

/// Decimal digits only, no sign; nullopt for none, for anything else, or beyond 64 bits.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

/// `500ms`, `120s`, `2m`, `1h`, `1.5s`; a bare number is seconds. nullopt if malformed, negative or
/// over ten years.
std::optional<Duration> parse_duration(std::string_view text);
/// `64KiB`, `10MiB`, `1GiB`, or bare bytes.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// `1.2 s`, `350 ms`, `2 m 30 s`: for people.
std::string format_duration(Duration duration);

/// A number of seconds, rounded, because more digits are noise.
double seconds(Duration duration, Duration precision = std::chrono::microseconds(1));

/// `1 retry`, `2 retries`: for people.
std::string counted(std::uint64_t count, std::string_view one, std::string_view more);

/// `2026-11-20T15:04:05Z`; parts of a second are left out.
std::string format_utc(WallTime wall);
/// `2026-11-20T15:04:05.678Z`
std::string format_utc_milliseconds(WallTime wall);

/// Makes a server's words fit for a log line and a terminal: at most `chars_max` characters, and a
/// '?' for each byte that is not printable ASCII.
std::string printable(std::string_view text, std::size_t chars_max);

/// The candidate that is the fewest edits away from `word`, if they are few enough for a typing
/// error (a third of its length); empty otherwise.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace bearer::base
