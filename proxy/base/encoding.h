// Encodes bytes as text: base64, base64url (RFC 4648), hex and percent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bearer::base {

/// With padding (RFC 4648 section 4). The bytes may be a secret: the text is built in one
/// allocation, so that wiping the returned string leaves no copy behind.
std::string base64_encode(std::string_view bytes);

/// Strict about the alphabet, lenient about padding, as base64url_decode() is.
std::optional<std::string> base64_decode(std::string_view text);

/// Without padding (RFC 4648 section 5), as JWTs require.
std::string base64url_encode(std::string_view bytes);

/// Strict about the alphabet, lenient about padding, which JWTs contain, omit or get wrong: any
/// number of `=` at the end is ignored, and so are bits left over in the last character. nullopt
/// for a character outside of the alphabet or a length that no bytes can have.
std::optional<std::string> base64url_decode(std::string_view text);

/// Two lower-case digits a byte.
std::string hex_encode(std::string_view bytes);
/// Digits in either case. nullopt for anything else, or half a byte.
std::optional<std::string> hex_decode(std::string_view text);

/// The byte that `text` begins with as `%` and two hex digits (RFC 3986 section 2.1); nullopt if it
/// begins otherwise.
std::optional<char> percent_decoded_byte(std::string_view text);

}  // namespace bearer::base
