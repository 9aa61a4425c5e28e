#include "relay/telemetry/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstring>

#include "base/json.h"
#include "base/log.h"
#include "relay/telemetry/log_file.h"

namespace bearer::relay {
namespace {

constexpr std::string_view kStdout = "-";

std::int64_t milliseconds(base::Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

void append_text(std::string& line, std::string_view key, std::string_view value) {
  line.append(",\"").append(key).append("\":");
  base::append_json_string(line, value);
}

void append_number(std::string& line, std::string_view key, std::int64_t value) {
  line.append(",\"").append(key).append("\":").append(std::to_string(value));
}

std::string line_of(const ExchangeEnd& end, bool with_query, base::WallTime now) {
  const Request& request = end.request;
  std::string line = "{\"time_ms\":" + std::to_string(milliseconds(now.time_since_epoch()));
  append_text(line, "method", request.method_text());
  append_text(line, "path", with_query ? request.target_text() : request.path());
  append_text(line, "route", request.route ? request.route->options.label() : "");
  append_text(line, "request_id", request.id_text());
  append_text(line, "http", request.version_text());
  append_number(line, "status", end.status);
  append_number(line, "attempts", end.attempts);
  append_number(line, "took_ms", milliseconds(end.took));
  append_number(line, "waited_ms", milliseconds(end.waited));
  append_number(line, "token_generation", static_cast<std::int64_t>(end.token_generation));
  append_number(line, "request_bytes", static_cast<std::int64_t>(end.request_bytes));
  append_number(line, "response_bytes", static_cast<std::int64_t>(end.response_bytes));
  if (end.resumed > 0) append_number(line, "resumed", end.resumed);
  line += end.whole ? ",\"whole\":true}\n" : ",\"whole\":false}\n";
  return line;
}

int open_file(const std::string& path) {
  // This fails for a pipe without a reader, instead of waiting for one.
  return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
}

}  // namespace

base::Result<std::unique_ptr<AccessLog>> AccessLog::open(const std::string& path, bool with_query,
                                                         const base::Clock& clock) {
  const int fd = path == kStdout ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0) : open_file(path);
  if (fd < 0) return unusable_log_file(path);
  return std::unique_ptr<AccessLog>(new AccessLog(fd, path, with_query, clock));
}

AccessLog::~AccessLog() {
  close(fd_);
}

void AccessLog::reopen() {
  if (path_ == kStdout) return;
  const std::lock_guard lock(turn_);  // or the end of a long line would go to the other file
  const int fresh = open_file(path_);
  // The descriptor keeps its number. If there is no other file, it is still the former one's.
  if (fresh < 0 || dup3(fresh, fd_, O_CLOEXEC) < 0) {
    base::log(
        base::LogLevel::warning, "the access log cannot be opened anew",
        {{"file", std::string_view(path_)}, {"reason", std::string_view(std::strerror(errno))}});
  }
  if (fresh >= 0) close(fresh);
}

int AccessLog::write_in_turn(std::string_view line) {
  const std::lock_guard lock(turn_);
  return output_.write(line);
}

void AccessLog::write(const ExchangeEnd& end) {
  const std::string line = line_of(end, with_query_, clock_.wall());
  const int error = write_in_turn(line);
  const bool failed = error != 0;
  if (failed) ++lost_;
  if (failing_.exchange(failed) == failed) return;
  if (failed) {
    const char* reason = error == EAGAIN ? "nobody reads it" : std::strerror(error);
    base::log(base::LogLevel::warning,
              "the access log cannot be written; traffic goes on without it",
              {{"reason", std::string_view(reason)}});
  } else {
    base::log(base::LogLevel::warning, "the access log can be written again",
              {{"lines_lost", static_cast<std::int64_t>(lost_)}});
  }
}

}  // namespace bearer::relay
