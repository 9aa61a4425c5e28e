#include "base/json_string.h"

#include <array>
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

}  // namespace bearer::base
