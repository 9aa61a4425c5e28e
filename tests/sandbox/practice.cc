#include "tests/sandbox/practice.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kDelayMaxMs = 60'000;
constexpr std::uint64_t kPatternMax = std::uint64_t{1} << 40;
constexpr std::uint64_t kPaddingSize = 64;
constexpr std::uint64_t kPaddingMax = 1 << 20;

/// The number after the path's last slash, if it is one from `low` to `high`.
std::optional<std::uint64_t> last_segment(const Request& request, std::uint64_t low,
                                          std::uint64_t high) {
  const auto number = parse_number(request.path.substr(request.path.rfind('/') + 1));
  return number && *number >= low && *number <= high ? number : std::nullopt;
}

Answer refuse(std::string_view message) {
  return {.status = 400, .body = Json{{"message", message}, {"status", 400}}.dump()};
}

}  // namespace

Answer echo(const Request& request) {
  const Json seen = {{"method", request.method},
                     {"target", request.target},
                     {"fields", request.fields},
                     {"body_size", request.body_size},
                     {"body_sha256", request.body_sha256}};
  // A field may hold bytes that are no UTF-8: they are shown as U+FFFD.
  return {.body = seen.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

Answer chunked(const Request& request) {
  const auto size = last_segment(request, 0, kPatternMax);
  if (!size) return refuse("the path must end with a number of bytes");
  Answer answer{.type = "application/octet-stream"};
  answer.pattern_size = *size;
  answer.chunked = true;
  return answer;
}

Answer status(const Request& request) {
  const auto code = last_segment(request, 200, 599);
  if (!code) return refuse("the path must end with a status from 200 to 599");
  Answer answer{.status = static_cast<int>(*code)};
  if (*code != 204 && *code != 304) answer.body = Json{{"status", *code}}.dump();
  answer.fields = request.query;
  return answer;
}

Answer delay(const Request& request) {
  const auto wait = last_segment(request, 0, kDelayMaxMs);
  if (!wait) return refuse("the path must end with a number of milliseconds up to 60000");
  Answer answer{.body = Json{{"delay_ms", *wait}}.dump()};
  answer.delay = Milliseconds(*wait);
  return answer;
}

Answer whoami(const Request& request) {
  const std::string id(find(request.query, "id"));
  const std::string_view asked = find(request.query, "size");
  const auto size = asked.empty() ? kPaddingSize : parse_number(asked).value_or(kPaddingMax + 1);
  if (id.empty() || size > kPaddingMax) return refuse("an id is needed, and a size up to 1 MiB");

  std::string padding;
  while (padding.size() < size) padding += id + ".";
  padding.resize(size);
  const Json body = {{"id", id}, {"padding", padding}, {"body_sha256", request.body_sha256}};
  return {.body = body.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

}  // namespace bearer::sandbox
