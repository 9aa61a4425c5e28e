// A command line as words, without a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bearer::base {

/// Words are separated by spaces, tabs and line breaks. Within '...' every character stands for
/// itself; within "..." a backslash takes the special meaning from `"` and from a backslash;
/// outside of both it does so for any character. Nothing is expanded: no variable, no `~`, no `*`.
/// Errc::request_malformed, with what is wrong: a quote that is not closed, a backslash at the end,
/// or no word at all.
Result<std::vector<std::string>> split_argv(std::string_view text);

}  // namespace bearer::base
