// UTF-8 as strangers write it: read one code point at a time, and never trusted to be well formed.
#pragma once

#include <optional>
#include <string_view>

namespace bearer::base {

/// Takes the first code point off `text`, which is not empty. nullopt, and one byte taken, where it
/// is not well formed (RFC 3629: overlong forms, surrogates and cut sequences included).
std::optional<char32_t> take_code_point(std::string_view& text);

}  // namespace bearer::base
