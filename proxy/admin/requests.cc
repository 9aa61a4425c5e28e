#include "admin/requests.h"

#include <nlohmann/json.hpp>

#include "admin/status.h"
#include "base/text.h"

namespace bearer::admin {
namespace {

using base::seconds;
using Json = nlohmann::ordered_json;

/// Decodes a value of a query, as forms write it; nullopt if no byte follows a `%`.
std::optional<std::string> decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = base::hex_digit(text[i + 1]), low = base::hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

bool read_parameter(std::string_view name, const std::string& value, RequestFilter& filter) {
  if (name == "route") {
    filter.route = value;
    return true;
  }
  if (name == "failed") {
    filter.failed = value == "1" || value == "true";
    return filter.failed || value == "0" || value == "false";
  }
  const auto limit = base::parse_decimal(value);
  if (name != "limit" || !limit || *limit == 0) return false;
  filter.most = *limit;
  return true;
}

Json json_of(const RequestStatus::Attempt& attempt) {
  return {{"cause", attempt.cause},
          {"outcome", attempt.outcome},
          {"waited_s", seconds(attempt.waited)},
          {"took_s", seconds(attempt.took)}};
}

Json json_of(const RequestStatus::Waiting& waits, base::WallTime now) {
  return {{"for", waits.reason},
          {"since_s", seconds(waits.since)},
          {"until_ms", unix_milliseconds(now + waits.until)},
          {"end_known", waits.end_known}};
}

Json json_of(const RequestStatus& request, base::WallTime now) {
  Json object{{"began_ms", unix_milliseconds(request.began)},
              {"method", request.method},
              {"path", request.path},
              {"http", request.http},
              {"route", request.route},
              {"id", request.id},
              {"attempts", Json::array()},
              {"attempts_made", request.attempts_made},
              {"took_s", seconds(request.took)},
              {"waited_s", seconds(request.waited)}};
  for (const RequestStatus::Attempt& attempt : request.attempts) {
    object["attempts"].push_back(json_of(attempt));
  }
  if (request.path_cut) object["path_cut"] = true;
  if (request.over || request.status != 0) object["status"] = request.status;
  if (!request.error.empty()) object["error"] = request.error;
  if (request.over) object["whole"] = request.whole;
  if (request.waits) object["waits"] = json_of(*request.waits, now);
  return object;
}

}  // namespace

std::optional<RequestFilter> request_filter(std::string_view query) {
  RequestFilter filter;
  while (!query.empty()) {
    std::string_view value = base::take_until(query, '&');
    const std::string_view name = base::take_until(value, '=');
    const std::optional<std::string> plain = decoded(value);
    if (!plain || !read_parameter(name, *plain, filter)) return std::nullopt;
  }
  return filter;
}

std::string requests_json(const std::vector<RequestStatus>& requests, base::WallTime now) {
  Json object{
      {"now_ms", unix_milliseconds(now)}, {"under_way", Json::array()}, {"ended", Json::array()}};
  for (const RequestStatus& request : requests) {
    object[request.over ? "ended" : "under_way"].push_back(json_of(request, now));
  }
  // A path may not be UTF-8; it is shown with replacements.
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace bearer::admin
