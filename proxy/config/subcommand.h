// The program's commands, for the command line and its help.
#pragma once

#include <span>
#include <string_view>

#include "config/command_line.h"

namespace bearer::config {

struct Subcommand {
  std::string_view name;
  Verb verb;
  std::string_view help;
  std::string_view exit_statuses;
};

std::span<const Subcommand> subcommands();

/// Null if there is none of that name.
const Subcommand* find_subcommand(std::string_view name);

}  // namespace bearer::config
