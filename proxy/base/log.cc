#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <mutex>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/line_output.h"
#include "base/text.h"

namespace bearer::base {
namespace {

/// Never waits for the reader of stderr.
class Log {
 public:
  LogFormat format = LogFormat::text;
  std::atomic<LogLevel> lowest = LogLevel::info;  ///< the lowest that is written
  RecentProblems problems;

  void write(LogLevel level, std::string_view sentence, std::initializer_list<LogField> fields) {
    const std::string line = spelled(level, sentence, fields);
    const std::lock_guard lock(mutex_);
    if (!put(line) || lost_ == 0) return;
    // Only after a line that found room: otherwise this one would find none either.
    const std::int64_t lost = std::exchange(lost_, 0);
    if (!put(spelled(LogLevel::warning, "lines of the log were lost", {{"lines", lost}}))) {
      lost_ += lost;
    }
  }

  void say(std::string_view line) {
    const std::lock_guard lock(mutex_);
    put(line);
  }

  std::uint64_t lost_ever() {
    const std::lock_guard lock(mutex_);
    return lost_ever_;
  }

 private:
  std::string spelled(LogLevel level, std::string_view sentence,
                      std::initializer_list<LogField> fields) const {
    const std::string time = format_utc_milliseconds(system_clock().wall());
    return format == LogFormat::json
               ? "{\"time\":\"" + time + "\"," + json_members(level, sentence, fields) + "}\n"
               : time + " " + text_line(level, sentence, fields) + "\n";
  }

  /// REQUIRES: mutex_ is held.
  bool put(std::string_view line) {
    if (output_.write(line) == 0) return true;
    ++lost_;
    ++lost_ever_;
    return false;
  }

  std::mutex mutex_;
  LineOutput output_{STDERR_FILENO};
  std::int64_t lost_ = 0;  ///< since the last report
  std::uint64_t lost_ever_ = 0;
};

// Never destroyed, because a thread may still write while the process ends.
Log& the_log() {
  static Log& log = *new Log;
  return log;
}

}  // namespace

void configure_log(const LogOptions& options) {
  the_log().format = options.format;
  the_log().lowest = options.level;
}

void set_log_level(LogLevel level) {
  the_log().lowest = level;
}

bool log_enabled(LogLevel level) {
  return level >= the_log().lowest.load(std::memory_order_relaxed);
}

std::vector<Problem> recent_problems() {
  return the_log().problems.read();
}

void note_problem(LogLevel level, std::string_view sentence,
                  std::initializer_list<LogField> fields) {
  the_log().problems.add(level, sentence, fields_text(fields), system_clock().wall());
}

void log(LogLevel level, std::string_view sentence, std::initializer_list<LogField> fields) {
  if (level >= LogLevel::warning) note_problem(level, sentence, fields);
  if (log_enabled(level)) the_log().write(level, sentence, fields);
}

std::uint64_t lost_log_lines() {
  return the_log().lost_ever();
}

void say(std::string_view line) {
  the_log().say("bearer-proxy: " + std::string(line) + "\n");
}

}  // namespace bearer::base
