#include "base/json.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <optional>

#include "base/utf8.h"

namespace bearer::base {
namespace {

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (c >= 0x20 && c != 0x7f) {
    out += c;
    return;
  }
  std::array<char, 8> escape{};
  std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
  out += escape.data();
}

using namespace std::string_view_literals;

/// Finds the end of the string that begins at `at`: its second quote, or the text's end.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at;
}

/// The last byte of the comment that begins at `at`; `at` if none does.
std::size_t comment_end(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("//")) return std::min(text.find_first_of("\n\r\0"sv, at), text.size());
  if (!rest.starts_with("/*")) return at;
  const std::size_t end = text.find("*/", at + 2);
  return end == std::string_view::npos ? text.size() : end + 1;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::string_view before = text;
    const std::optional<char32_t> point = take_code_point(text);
    if (!point) {
      out += "\uFFFD";
    } else if (*point < 0x80) {
      append_ascii(out, static_cast<char>(*point));
    } else {
      out += before.substr(0, before.size() - text.size());
    }
  }
  out += '"';
}

bool json_too_deep(std::string_view text) {
  int levels = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
      case '"': at = string_end(text, at); break;
      case '/': at = comment_end(text, at); break;
      case '[':
      case '{':
        if (++levels > kJsonLevelsMax) return true;
        break;
      case ']':
      case '}': levels = std::max(levels - 1, 0); break;
      default: break;
    }
  }
  return false;
}

}  // namespace bearer::base
