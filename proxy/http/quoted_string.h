// Lists and parameters whose values may be quoted strings (RFC 9110 sections 5.6.4 and 5.6.6).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bearer::http {

/// Returns the first place of `separator` outside of a quoted string, or text.size(). An unclosed
/// string reaches to the end.
std::size_t find_unquoted(std::string_view text, char separator);

/// Cuts `text` at its first `separator` outside of a quoted string. Returns the text before it,
/// trimmed, and leaves the rest in `text`. Elements may be empty.
std::string_view take_element(std::string_view& text, char separator);

/// `name=value` or a name alone, with blanks allowed around the `=`.
struct Parameter {
  std::string_view name;   ///< empty if malformed
  std::string_view value;  ///< as it came, perhaps quoted
};
Parameter split_parameter(std::string_view text);

/// The text between the quotes, with its escapes; a value without quotes is returned as it is.
std::string_view inside_quotes(std::string_view value);

/// The decoded text of a quoted string; a value without quotes is returned as it is.
std::string unquote(std::string_view value);

}  // namespace bearer::http
