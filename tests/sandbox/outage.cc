#include "tests/sandbox/outage.h"

#include <stdexcept>
#include <string>

#include "tests/sandbox/duration.h"
#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

OutageOptions parse_outage(std::string_view text) {
  OutageOptions options;
  std::string_view times = take_until(text, ',');
  options.begins = parse_duration(take_until(times, '+'));
  options.lasts = parse_duration(times);
  if (options.lasts <= Milliseconds{0}) throw std::invalid_argument("it has no length");
  options.resets = text == "reset";
  if (!text.empty() && !options.resets) {
    throw std::invalid_argument("'" + std::string(text) + "': only `reset` may follow the times");
  }
  return options;
}

std::optional<Answer> Outage::meet(WallTime now) {
  const std::lock_guard lock(mutex_);
  if (!begins_) begins_ = now + options_.begins;
  if (state(now) != "now") return std::nullopt;
  ++requests_;
  if (options_.resets) return Answer{.reset = true};
  return Answer{.status = 503, .body = R"({"code":"service.unavailable","status":503})"};
}

nlohmann::ordered_json Outage::to_json(WallTime now) const {
  const std::lock_guard lock(mutex_);
  return {{"state", state(now)}, {"requests", requests_}};
}

std::string_view Outage::state(WallTime now) const {
  if (options_.lasts <= Milliseconds{0}) return "none";
  if (!begins_ || now < *begins_) return "ahead";
  return now < *begins_ + options_.lasts ? "now" : "over";
}

}  // namespace bearer::sandbox
