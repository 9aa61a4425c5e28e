// Reads UTF-8 from strangers one code point at a time. It may be malformed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bearer::base {

/// Takes the first code point off `text`, which is not empty. nullopt, with one byte taken, if it
/// is malformed (RFC 3629: overlong forms, surrogates and cut sequences included).
std::optional<char32_t> take_code_point(std::string_view& text);

bool is_utf8(std::string_view text);

/// Reads each byte as a character of Latin-1 (ISO 8859-1), and allocates once.
std::string utf8_of_latin1(std::string_view text);

}  // namespace bearer::base
