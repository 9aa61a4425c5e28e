// The character classes of HTTP's grammar, looked up in one table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bearer::http {

namespace chars {

enum Class : std::uint8_t { token = 1, visible = 2, text = 4, target = 8 };

constexpr std::array<std::uint8_t, 256> make_table() {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) {
    const bool letter_or_digit =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    unsigned classes = 0;
    if (letter_or_digit) classes |= token;
    if (c > 0x20 && c < 0x7f) classes |= visible;
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) classes |= text;
    if (c > 0x20 && c != 0x7f) classes |= target;
    table[c] = static_cast<std::uint8_t>(classes);
  }
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] |= token;
  return table;
}

inline constexpr std::array<std::uint8_t, 256> kTable = make_table();

}  // namespace chars

/// tchar, RFC 9110 section 5.6.2.
constexpr bool is_token_char(char c) {
  return (chars::kTable[static_cast<unsigned char>(c)] & chars::token) != 0;
}
/// VCHAR.
constexpr bool is_visible_char(char c) {
  return (chars::kTable[static_cast<unsigned char>(c)] & chars::visible) != 0;
}
/// The characters of a request target: VCHAR, and the bytes beyond ASCII that some clients leave
/// unencoded. Every reader takes those for a part of the target.
constexpr bool is_target_char(char c) {
  return (chars::kTable[static_cast<unsigned char>(c)] & chars::target) != 0;
}
/// The characters of a field value or a reason phrase: VCHAR, obs-text, space and tab.
constexpr bool is_text_char(char c) {
  return (chars::kTable[static_cast<unsigned char>(c)] & chars::text) != 0;
}
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

inline constexpr std::string_view kLineEnd = "\r\n";

/// token, RFC 9110 section 5.6.2: at least one tchar and nothing else.
constexpr bool is_token(std::string_view text) {
  for (char c : text) {
    if (!is_token_char(c)) return false;
  }
  return !text.empty();
}

}  // namespace bearer::http
