// Splits a command line into words, without a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bearer::base {

/// Words are separated by spaces, tabs and line breaks. Within '...' every character is literal.
/// Within "..." a backslash makes `"` and a backslash literal; outside of quotes it does so with
/// any character. Nothing is expanded: no variable, no `~`, no `*`. Errc::request_malformed, with
/// what is wrong: a quote that is not closed, a backslash at the end, or no word at all.
Result<std::vector<std::string>> split_argv(std::string_view text);

}  // namespace bearer::base
