// What --help prints.
#pragma once

#include <string>
#include <string_view>

namespace bearer::config {

/// `command` is a subcommand's name, or empty for the program's own help.
std::string help(std::string_view command);

}  // namespace bearer::config
