#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "base/line_output.h"
#include "base/log_line.h"
#include "base/recent_problems.h"

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

/// The last line of this thread was written.
thread_local bool came_through = true;

/// stderr, without a wait for whoever reads it.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void add_lost(std::int64_t lines) { lost_ += lines; }
  /// Lines that could not be written since the last call, and those that were added.
  std::int64_t take_lost() { return lost_.exchange(0); }

  std::uint64_t lost_ever() const { return lost_ever_; }

  /// A line that is no message of the log's.
  void write(std::string_view line) {
    const std::lock_guard lock(mutex_);
    put(line);
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    put({line.data(), line.size()});
  }
  void put(std::string_view line) {
    came_through = write_line(STDERR_FILENO, line) == 0;
    if (came_through) return;
    add_lost(1);
    ++lost_ever_;
  }
  void flush_() override {}

  std::atomic<std::int64_t> lost_ = 0;
  std::atomic<std::uint64_t> lost_ever_ = 0;
};

struct Log {
  LogFormat format = LogFormat::text;
  std::shared_ptr<StderrSink> sink = std::make_shared<StderrSink>();
  spdlog::logger logger{"bearer-proxy", sink};
  RecentProblems problems;

  explicit Log(const LogOptions& options) { configure(options); }

  void configure(const LogOptions& options) {
    format = options.format;
    const char* pattern = format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})"
                                                    : "%Y-%m-%dT%H:%M:%S.%eZ %v";
    logger.set_pattern(pattern, spdlog::pattern_time_type::utc);
    logger.set_level(spdlog_level(options.level));
  }

  void write(LogLevel level, std::string_view sentence, std::initializer_list<LogField> fields) {
    const std::string line = format == LogFormat::json ? json_members(level, sentence, fields)
                                                       : text_line(level, sentence, fields);
    logger.log(spdlog_level(level), spdlog::string_view_t(line));
  }

  /// Behind a line that came through: where that found no room, this would find none either.
  void write_lost() {
    const std::int64_t lost = sink->take_lost();
    if (lost == 0) return;
    write(LogLevel::warning, "lines of the log were lost", {{"lines", lost}});
    if (!came_through) sink->add_lost(lost);
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

std::string_view name(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warn";
    case LogLevel::error: return "error";
  }
  return "error";
}

std::vector<Problem> recent_problems() {
  return the_log().problems.read();
}

void log(LogLevel level, std::string_view sentence, std::initializer_list<LogField> fields) {
  Log& log = the_log();
  if (level >= LogLevel::warning) {
    log.problems.add(level, sentence, fields_text(fields), system_clock().wall());
  }
  if (!log.logger.should_log(spdlog_level(level))) return;
  log.write(level, sentence, fields);
  if (came_through) log.write_lost();
}

std::uint64_t lost_log_lines() {
  return the_log().sink->lost_ever();
}

void say(std::string_view line) {
  the_log().sink->write("bearer-proxy: " + std::string(line) + "\n");
}

}  // namespace bearer::base
