// JSON without a document: strings for the few lines that are written by hand, and how deep a text
// nests. A reader's memory, and mostly its stack, grow with that by far more than with the text: it
// is looked at before anything of others is parsed.
#pragma once

#include <string>
#include <string_view>

namespace bearer::base {

/// Appends `text` in quotes, escaped; the result is one line of valid JSON whatever the bytes are:
/// what is not UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Objects and arrays within one another. Nothing that is read here needs a tenth of it.
inline constexpr int kJsonLevelsMax = 64;
/// Says what is wrong with a deeper text. It follows the name of the file or the answer.
inline constexpr std::string_view kJsonTooDeep = "is JSON that nests more than 64 levels deep";

/// True if `text` opens more than kJsonLevelsMax levels, as far as it is JSON, or JSON with // and
/// /* */ comments; what follows a mistake no reader looks at. One pass, no memory.
bool json_too_deep(std::string_view text);

}  // namespace bearer::base
