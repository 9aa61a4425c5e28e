#include "config/field_lines.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "http/chars.h"

namespace bearer::config {
namespace {

constexpr base::Errc kMalformed = base::Errc::request_malformed;

std::string_view without_cr(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

bool is_field_name(std::string_view text) {
  return http::is_token(text);
}

std::vector<FileLine> field_lines(std::string_view content) {
  std::vector<FileLine> lines;
  for (int number = 1; !content.empty(); ++number) {
    const std::string_view line = base::take_until(content, '\n');
    const std::string_view text = base::trim(without_cr(line));
    if (text.empty() || text.starts_with('#')) continue;
    lines.push_back({line, "line " + std::to_string(number) + ": "});
  }
  return lines;
}

base::Result<relay::FixedField> parse_field_line(std::string_view line) {
  const std::string_view text = base::trim(without_cr(line));
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  if (colon == std::string_view::npos || !is_field_name(name)) {
    return base::Error{kMalformed, "not a field; write Name: value"};
  }
  const std::string_view value = base::trim(text.substr(colon + 1));
  if (!std::ranges::all_of(value, http::is_text_char)) {
    return base::Error{
        kMalformed, std::string(name) + " holds a line break, a NUL or another control character"};
  }
  return relay::FixedField{std::string(name), base::Secret(std::string(value))};
}

}  // namespace bearer::config
