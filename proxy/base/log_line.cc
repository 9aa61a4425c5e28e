#include "base/log_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>
#include <type_traits>

#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"

namespace bearer::base {
namespace {

// A terminal or a reader of lines would interpret these: control characters (C1 holds a CSI), line
// and paragraph separators, and the marks that change the direction of text.
bool is_treacherous(char32_t point) {
  return point < 0x20 || (point >= 0x7f && point <= 0x9f) || (point >= 0x200e && point <= 0x200f) ||
         (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

void append_escape(std::string& out, std::string_view prefix, unsigned value, int digits) {
  std::array<char, 9> hex{};
  std::snprintf(hex.data(), hex.size(), "%0*x", digits, value);
  out += prefix;
  out += hex.data();
}

void append_escaped(std::string& out, std::string_view text, bool quoted) {
  while (!text.empty()) {
    const std::string_view before = text;
    const std::optional<char32_t> point = take_code_point(text);
    if (!point) {
      append_escape(out, "\\x", static_cast<unsigned char>(before[0]), 2);
    } else if (*point == '\n') {
      out += "\\n";
    } else if (is_treacherous(*point)) {
      append_escape(out, "\\u", static_cast<unsigned>(*point), 4);
    } else {
      if (quoted && (*point == '"' || *point == '\\')) out += '\\';
      out += before.substr(0, before.size() - text.size());
    }
  }
}

bool is_plain_word(std::string_view text) {
  static constexpr std::string_view kPlain = "-._~:/+%@,*?&;!#$()[]";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    const char letter = lower(c);
    return is_digit(c) || (letter >= 'a' && letter <= 'z') || kPlain.find(c) != kPlain.npos;
  });
}

void append_number(std::string& out, auto number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_text_value(std::string& out, std::string_view text) {
  if (is_plain_word(text)) {
    out += text;
    return;
  }
  out += '"';
  append_escaped(out, text, true);
  out += '"';
}

}  // namespace

std::string_view name(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warn";
    case LogLevel::error: return "error";
  }
  return "error";
}

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (const LogLevel level :
       {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    if (text == name(level)) return level;
  }
  return std::nullopt;
}

std::string text_line(LogLevel level, std::string_view sentence,
                      std::initializer_list<LogField> fields) {
  std::string line(name(level));
  line.resize(6, ' ');
  append_escaped(line, sentence, false);
  const std::string rest = fields_text(fields);
  return rest.empty() ? line : line + " " + rest;
}

std::string fields_text(std::initializer_list<LogField> fields) {
  std::string line;
  for (const LogField& field : fields) {
    const auto* text = std::get_if<std::string_view>(&field.value);
    if (text && text->empty()) continue;  // stays in JSON, for programs that look for the member
    if (!line.empty()) line += ' ';
    line += field.key;
    line += '=';
    std::visit(
        [&](auto value) {
          using Value = decltype(value);
          if constexpr (std::is_same_v<Value, std::string_view>) {
            append_text_value(line, value);
          } else if constexpr (std::is_same_v<Value, bool>) {
            line += value ? "true" : "false";
          } else {
            append_number(line, value);
          }
        },
        field.value);
  }
  return line;
}

std::string json_members(LogLevel level, std::string_view sentence,
                         std::initializer_list<LogField> fields) {
  std::string line = "\"level\":\"";
  line += name(level);
  line += "\",\"message\":";
  append_json_string(line, sentence);
  for (const LogField& field : fields) {
    line += ',';
    append_json_string(line, field.key);
    line += ':';
    std::visit(
        [&](auto value) {
          using Value = decltype(value);
          if constexpr (std::is_same_v<Value, std::string_view>) {
            append_json_string(line, value);
          } else if constexpr (std::is_same_v<Value, bool>) {
            line += value ? "true" : "false";
          } else if constexpr (std::is_same_v<Value, double>) {
            if (std::isfinite(value))
              append_number(line, value);
            else
              line += "null";  // JSON cannot write it as a number
          } else {
            append_number(line, value);
          }
        },
        field.value);
  }
  return line;
}

}  // namespace bearer::base
