// Text as HTTP and OAuth write it. A decoder answers nullopt for what it cannot read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sandbox/message.h"

namespace bearer::sandbox {

/// Cuts `text` at its first `separator`: returns what stood before, leaves the rest in `text`.
std::string_view take_until(std::string_view& text, char separator);

std::string to_hex(std::string_view bytes);

/// RFC 4648 section 4.
std::string encode_base64(std::string_view bytes);
std::optional<std::string> decode_base64(std::string_view text);

/// RFC 4648 section 5, without padding, as JWS wants it.
std::string encode_base64url(std::string_view bytes);
std::optional<std::string> decode_base64url(std::string_view text);

/// application/x-www-form-urlencoded: `+` is a space, a malformed escape stands for itself.
std::string decode_form(std::string_view text);
std::vector<Pair> parse_form(std::string_view text);

/// Decimal digits only, no sign, nothing after them.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// RFC 9110 section 5.6.7, IMF-fixdate: the Date field.
std::string format_date(WallTime time);

}  // namespace bearer::sandbox
