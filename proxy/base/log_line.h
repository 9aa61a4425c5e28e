// Formats an event as a line of the log; log.h writes it.
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

/// `info  sentence key=value key="quoted value"`: the part of a line of text after the time. A
/// value is quoted unless it is one plain word. Control characters, line and paragraph separators,
/// direction marks and bytes that are not UTF-8 are escaped.
std::string text_line(LogLevel level, std::string_view sentence,
                      std::initializer_list<LogField> fields);

/// `key=value key="quoted value"`, in the same format.
std::string fields_text(std::initializer_list<LogField> fields);

/// `"level":"info","message":"sentence","key":"value"`: the members after `time`.
std::string json_members(LogLevel level, std::string_view sentence,
                         std::initializer_list<LogField> fields);

}  // namespace bearer::base
