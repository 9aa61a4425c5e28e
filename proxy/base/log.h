// The program tells the person who runs it each event in a line on stderr, as text or JSON.
//
// A line is a sentence and fields. The sentence says what happened and, for a failure, what to do;
// the fields hold the values, so that nothing is ever formatted into a sentence from outside bytes.
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

/// Another level from now on, from any thread.
void set_log_level(LogLevel level);

/// True if a line of this level would be written: lets a caller skip gathering fields.
bool log_enabled(LogLevel level);

/// Writes one line, whole, from any thread. Control characters in values are escaped, so that
/// nobody's bytes can forge a line. Never pass a secret: this function cannot know one.
void log(LogLevel level, std::string_view sentence, std::initializer_list<LogField> fields = {});

/// Keeps a warning or an error for recent_problems(), without a line: it repeats one that was
/// written.
void note_problem(LogLevel level, std::string_view sentence,
                  std::initializer_list<LogField> fields);

/// Writes `line`, after the program's name, for the person who ran a command: as it is, whatever
/// the log's format and level. From any thread, between the log's lines, and like these without a
/// wait for whoever reads: a line that finds no room is lost, and counted with theirs.
void say(std::string_view line);

/// Lines of the log, since the process began, for which whoever reads them left no room.
std::uint64_t lost_log_lines();

/// The last warnings and errors, the latest first, whether their level is written or not. From any
/// thread.
std::vector<Problem> recent_problems();

}  // namespace bearer::base
