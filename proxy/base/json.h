// JSON without a document: writes strings for the few lines that are made by hand, and measures how
// deep a text nests. A parser's memory, and mostly its stack, grow with the depth far more than
// with the text, so the depth is checked before foreign JSON is parsed.
#pragma once

#include <string>
#include <string_view>

namespace bearer::base {

/// Appends `text` in quotes, escaped. The result is one line of valid JSON for any bytes: those
/// that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// The most levels of nested objects and arrays. Nothing that is read here needs a tenth of it.
inline constexpr int kJsonLevelsMax = 64;
/// Says what is wrong with a deeper text. It follows the name of the file or the answer.
inline constexpr std::string_view kJsonTooDeep = "is JSON that nests more than 64 levels deep";

/// True if `text` opens more than kJsonLevelsMax levels. It may be JSON with // and /* */ comments.
/// Text after a mistake does not matter, because no parser reads it. One pass, no memory.
bool json_too_deep(std::string_view text);

}  // namespace bearer::base
