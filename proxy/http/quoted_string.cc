#include "http/quoted_string.h"

#include "base/text.h"

namespace bearer::http {

std::size_t find_unquoted(std::string_view text, char separator) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == separator) {
      return i;
    }
  }
  return text.size();
}

std::string_view take_element(std::string_view& text, char separator) {
  const std::size_t end = find_unquoted(text, separator);
  const std::string_view element = base::trim(text.substr(0, end));
  text.remove_prefix(end == text.size() ? end : end + 1);
  return element;
}

Parameter split_parameter(std::string_view text) {
  const std::string_view name = base::trim(base::take_until(text, '='));
  return {name, base::trim(text)};
}

std::string_view inside_quotes(std::string_view value) {
  if (!value.starts_with('"')) return value;
  value.remove_prefix(1);
  if (value.ends_with('"')) value.remove_suffix(1);
  return value;
}

std::string unquote(std::string_view value) {
  if (!value.starts_with('"')) return std::string(value);
  std::string text;
  for (std::size_t i = 1; i < value.size() && value[i] != '"'; ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    text += value[i];
  }
  return text;
}

}  // namespace bearer::http
