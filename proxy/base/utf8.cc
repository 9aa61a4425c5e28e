#include "base/utf8.h"

#include <cstddef>

namespace bearer::base {
namespace {

struct Lead {
  std::size_t length;  // of the whole sequence; 0: not a first byte
  char32_t bits;
  char32_t smallest;  // a smaller value would be an overlong form
};

Lead lead(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if ((byte & 0xe0) == 0xc0) return {2, byte & 0x1fu, 0x80};
  if ((byte & 0xf0) == 0xe0) return {3, byte & 0x0fu, 0x800};
  if ((byte & 0xf8) == 0xf0) return {4, byte & 0x07u, 0x10000};
  return {0, 0, 0};
}

}  // namespace

std::optional<char32_t> take_code_point(std::string_view& text) {
  const std::string_view rest = text;
  text.remove_prefix(1);
  const Lead first = lead(static_cast<unsigned char>(rest[0]));
  if (first.length == 0 || rest.size() < first.length) return std::nullopt;
  char32_t value = first.bits;
  for (std::size_t i = 1; i < first.length; ++i) {
    const auto byte = static_cast<unsigned char>(rest[i]);
    if ((byte & 0xc0) != 0x80) return std::nullopt;
    value = (value << 6) | (byte & 0x3fu);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < first.smallest || value > 0x10ffff || surrogate) return std::nullopt;
  text = rest.substr(first.length);
  return value;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    if (!take_code_point(text)) return false;
  }
  return true;
}

std::string utf8_of_latin1(std::string_view text) {
  std::string utf8;
  utf8.reserve(2 * text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      utf8 += c;
      continue;
    }
    utf8 += static_cast<char>(0xc0 | (byte >> 6));
    utf8 += static_cast<char>(0x80 | (byte & 0x3f));
  }
  return utf8;
}

}  // namespace bearer::base
