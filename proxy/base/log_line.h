// This spells an event as a line of the log; log.h writes it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace bearer::base {

enum class LogLevel { debug, info, warning, error };

/// `debug`, `info`, `warn`, `error`.
std::string_view name(LogLevel level);
/// The level of that name.
std::optional<LogLevel> parse_log_level(std::string_view name);

struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

/// `info  sentence key=value key="quoted value"`: what follows the time in a line of text. A value
/// is quoted unless it is one plain word; control characters, line and paragraph separators,
/// direction marks and what is not UTF-8 are escaped.
std::string text_line(LogLevel level, std::string_view sentence,
                      std::initializer_list<LogField> fields);

/// `key=value key="quoted value"`, spelled so.
std::string fields_text(std::initializer_list<LogField> fields);

/// `"level":"info","message":"sentence","key":"value"`: the members that follow `time`.
std::string json_members(LogLevel level, std::string_view sentence,
                         std::initializer_list<LogField> fields);

}  // namespace bearer::base
