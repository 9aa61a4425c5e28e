// The program's commands, for the command line and its help.
#pragma once

#include <span>
#include <string_view>

namespace bearer::config {

/// The purpose for which the process was started.
enum class Verb { serve, exec, token, check, healthcheck, help, version };

/// A flag that one command takes beside the settings.
struct CommandFlag {
  std::string_view name;         ///< without dashes
  std::string_view placeholder;  ///< its value's; empty: it takes none
  std::string_view help;
  bool repeats = false;
};

/// The command's own default of a setting.
struct CommandDefault {
  std::string_view setting;
  std::string_view text;
};

struct Subcommand {
  std::string_view name;
  Verb verb;
  std::string_view help;
  std::string_view exit_statuses;
  std::span<const CommandFlag> flags = {};
  std::span<const CommandDefault> defaults = {};
  std::string_view operands = {};  ///< the arguments after `--`; empty: none are allowed
};

std::span<const Subcommand> subcommands();

/// Null if there is none of that name.
const Subcommand* find_subcommand(std::string_view name);

}  // namespace bearer::config
