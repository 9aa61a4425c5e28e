// A JSON string (RFC 8259 section 7), for the few lines of JSON that are written without a
// document.
#pragma once

#include <string>
#include <string_view>

namespace bearer::base {

/// Appends `text` in quotes, escaped; the result is one line of valid JSON whatever the bytes are:
/// what is not UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace bearer::base
