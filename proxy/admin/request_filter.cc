#include "admin/request_filter.h"

#include "base/encoding.h"
#include "base/text.h"

namespace bearer::admin {
namespace {

/// Decodes a value of a query, as forms write it; nullopt if no byte follows a `%`.
std::optional<std::string> decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const std::optional<char> byte = base::percent_decoded_byte(text.substr(i));
    if (!byte) return std::nullopt;
    plain += *byte;
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

}  // namespace bearer::admin
