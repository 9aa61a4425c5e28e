// The text of --help. It fits into a terminal of 80 columns.
#pragma once

#include <string>
#include <string_view>

namespace bearer::config {

/// `command` is a subcommand's name: what holds of it alone. Otherwise `topic` is a group of
/// settings (`retries`) or one setting (`max-retries`): its part of the program's own help. Where
/// both are empty, or the topic is not known, that help as a whole.
std::string help(std::string_view command, std::string_view topic = {});

/// Says that there is no help on `topic`, and on what there is; empty where there is some.
std::string no_help_on(std::string_view topic);

}  // namespace bearer::config
