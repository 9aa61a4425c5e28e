#include "tests/sandbox/analytics.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "tests/sandbox/chance.h"
#include "tests/sandbox/digest.h"
#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kPageSize = 50;
constexpr std::uint64_t kPageSizeMax = 100;
constexpr std::size_t kMacSize = 12;

std::string cursor_mac(std::uint64_t seed, std::string_view offset) {
  return hmac_sha256("cursor " + std::to_string(seed), offset).substr(0, kMacSize);
}

/// The MAC makes a cursor that was altered on its way an error instead of another page.
std::string make_cursor(std::uint64_t seed, std::uint64_t offset) {
  const std::string text = std::to_string(offset);
  return encode_base64url(cursor_mac(seed, text) + text);
}

std::optional<std::uint64_t> read_cursor(std::uint64_t seed, std::string_view cursor) {
  const auto bytes = decode_base64url(cursor);
  if (!bytes || bytes->size() <= kMacSize) return std::nullopt;
  const std::string offset = bytes->substr(kMacSize);
  if (!equal_in_constant_time(bytes->substr(0, kMacSize), cursor_mac(seed, offset))) {
    return std::nullopt;
  }
  return parse_number(offset);
}

Answer refuse(std::string_view message) {
  return {.status = 400,
          .body = Json{{"code", "bad.request"}, {"message", message}, {"status", 400}}.dump()};
}

Json make_conversation(std::uint64_t seed, std::uint64_t index) {
  const std::uint64_t chance = mix(seed + index);
  return {{"conversationId", make_uuid(~seed, index)},
          {"mediaType", chance % 2 == 0 ? "voice" : "message"},
          {"durationMs", chance % 600'000},
          {"originatingDirection", chance % 3 == 0 ? "outbound" : "inbound"}};
}

Answer page_from(const AnalyticsOptions& options, std::uint64_t first, std::uint64_t size) {
  const std::uint64_t end = std::min(options.total, first + size);
  Json conversations = Json::array();
  for (std::uint64_t i = first; i < end; ++i) {
    conversations.push_back(make_conversation(options.seed, i));
  }
  Json page = {{"conversations", std::move(conversations)}, {"totalHits", options.total}};
  if (end < options.total) page["cursor"] = make_cursor(options.seed, end);
  return {.body = page.dump()};
}

}  // namespace

Answer query_conversations(const AnalyticsOptions& options, const Request& request) {
  const Json query = Json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!query.is_object() || !query.contains("interval") || !query["interval"].is_string()) {
    return refuse("the body must be a JSON object with an interval");
  }
  const Json paging = query.value("paging", Json::object());
  const Json size = paging.is_object() ? paging.value("pageSize", Json(kPageSize)) : Json();
  if (!size.is_number_unsigned() || size < 1 || size > kPageSizeMax) {
    return refuse("pageSize must be 1 to 100");
  }
  if (!paging.contains("cursor")) return page_from(options, 0, size);

  const Json& cursor = paging["cursor"];
  const auto offset =
      cursor.is_string() ? read_cursor(options.seed, cursor.get<std::string>()) : std::nullopt;
  if (!offset) return refuse("the cursor was not given out here");
  return page_from(options, *offset, size);
}

}  // namespace bearer::sandbox
