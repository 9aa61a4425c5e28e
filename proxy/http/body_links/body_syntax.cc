#include "http/body_links/body_syntax.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/chars.h"

namespace bearer::http {
namespace {

bool ends_with(std::string_view type, std::string_view suffix) {
  return type.size() > suffix.size() &&
         base::iequals(type.substr(type.size() - suffix.size()), suffix);
}

template <std::size_t kSize>
bool is_one_of(std::string_view type, const std::array<std::string_view, kSize>& types) {
  return std::ranges::any_of(types, [&](std::string_view one) { return base::iequals(type, one); });
}

// Beside those that end with +json. The types for lines are not registered.
constexpr std::array<std::string_view, 12> kJson{"application/json",        "text/json",
                                                 "application/x-json",      "text/x-json",
                                                 "application/ndjson",      "application/x-ndjson",
                                                 "application/json-lines",  "application/jsonl",
                                                 "application/x-jsonlines", "application/jsonlines",
                                                 "text/x-ndjson",           "application/json-seq"};

constexpr std::array<std::string_view, 4> kMarkup{"text/html", "text/xml", "application/xml",
                                                  "text/x-html"};

/// True for JSON in envelopes that tell their lengths (gRPC, Connect's streams). To change it would
/// break them.
bool in_envelopes(std::string_view type) {
  return base::istarts_with(type, "application/grpc") ||
         base::iequals(type, "application/connect+json");
}

}  // namespace

BodySyntax body_syntax(std::string_view content_type) {
  const std::string_view type = base::trim(base::take_until(content_type, ';'));
  if (in_envelopes(type)) return BodySyntax::other;
  if (is_one_of(type, kJson) || ends_with(type, "+json") || ends_with(type, "+json-seq")) {
    return BodySyntax::json;
  }
  if (is_one_of(type, kMarkup) || ends_with(type, "+xml")) return BodySyntax::markup;
  return base::iequals(type, "multipart/mixed") ? BodySyntax::batch : BodySyntax::other;
}

std::string_view multipart_boundary(std::string_view content_type) {
  constexpr std::size_t kBytesMax = 200;  // RFC 2046 has 70; some write more
  base::take_until(content_type, ';');
  while (!content_type.empty()) {
    std::string_view parameter = base::trim(base::take_until(content_type, ';'));
    const std::string_view name = base::trim(base::take_until(parameter, '='));
    if (!base::iequals(name, "boundary")) continue;
    std::string_view value = base::trim(parameter);
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
      value = value.substr(1, value.size() - 2);
    }
    const bool fit = !value.empty() && value.size() <= kBytesMax && !is_blank(value.back()) &&
                     std::ranges::all_of(value, [](char c) {
                       return is_visible_char(c) ? c != '"' && c != '\\' : c == ' ';
                     });
    return fit ? value : std::string_view();
  }
  return {};
}

}  // namespace bearer::http
