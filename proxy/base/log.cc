#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>

#include "base/log_line.h"

namespace bearer::base {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

struct Log {
  LogFormat format = LogFormat::text;
  spdlog::logger logger{"bearer-proxy", std::make_shared<spdlog::sinks::stderr_sink_mt>()};

  explicit Log(const LogOptions& options) { configure(options); }

  void configure(const LogOptions& options) {
    format = options.format;
    const char* pattern = format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})"
                                                    : "%Y-%m-%dT%H:%M:%S.%eZ %v";
    logger.set_pattern(pattern, spdlog::pattern_time_type::utc);
    logger.set_level(spdlog_level(options.level));
  }
};

// Never destroyed: a thread may still have something to say while the process ends.
Log& the_log() {
  static Log& log = *new Log(LogOptions{});
  return log;
}

}  // namespace

void configure_log(const LogOptions& options) {
  the_log().configure(options);
}

bool log_enabled(LogLevel level) {
  return the_log().logger.should_log(spdlog_level(level));
}

void log(LogLevel level, std::string_view sentence, std::initializer_list<LogField> fields) {
  Log& log = the_log();
  const auto spdlog_severity = spdlog_level(level);
  if (!log.logger.should_log(spdlog_severity)) return;
  const std::string line = log.format == LogFormat::json ? json_members(level, sentence, fields)
                                                         : text_line(level, sentence, fields);
  log.logger.log(spdlog_severity, spdlog::string_view_t(line));
}

}  // namespace bearer::base
