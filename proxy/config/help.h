// Makes the text of --help, which fits into a terminal of 80 columns.
#pragma once

#include <string>
#include <string_view>

namespace bearer::config {

/// If `command` is a subcommand's name, the text about it alone. Otherwise `topic` is a group of
/// settings (`retries`) or one setting (`max-retries`), and the text is its part of the program's
/// help. If both are empty, or the topic is not known, the text is the whole help.
std::string help(std::string_view command, std::string_view topic = {});

/// Says that there is no help on `topic`, and what there is help on; empty if there is some.
std::string no_help_on(std::string_view topic);

}  // namespace bearer::config
