// The log: it tells the person who runs the program each event in a line on stderr, as text or
// JSON.
//
// A line is a sentence and fields. The sentence says what happened and, for a failure, what to do.
// The fields hold the values, so that bytes from outside never become part of a sentence.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/log_line.h"
#include "base/recent_problems.h"

namespace bearer::base {

enum class LogFormat { text, json };

struct LogOptions {
  LogFormat format = LogFormat::text;
  LogLevel level = LogLevel::info;

  bool operator==(const LogOptions&) const = default;
};

/// Replaces the format and level of the process's one log. Call before threads start.
void configure_log(const LogOptions& options);

/// Changes the level from now on. Any thread.
void set_log_level(LogLevel level);

/// True if a line of this level would be written, so that a caller can skip gathering fields.
bool log_enabled(LogLevel level);

/// Writes one line, whole, from any thread. Control characters in values are escaped, so that no
/// value can forge a line. Never pass a secret, because this function cannot recognise one.
void log(LogLevel level, std::string_view sentence, std::initializer_list<LogField> fields = {});

/// Keeps a warning or an error for recent_problems() without writing a line, because it repeats one
/// that was written.
void note_problem(LogLevel level, std::string_view sentence,
                  std::initializer_list<LogField> fields);

/// Writes `line`, after the program's name, for the person who ran a command: unchanged, whatever
/// the log's format and level. Any thread. It goes between the log's lines and, like these, does
/// not wait for a reader: a line that finds no room is lost, and counted with theirs.
void say(std::string_view line);

/// Lines of the log that were lost since the process began, because a reader left no room.
std::uint64_t lost_log_lines();

/// The last warnings and errors, the latest first, whether their level is written or not. Any
/// thread.
std::vector<Problem> recent_problems();

}  // namespace bearer::base
