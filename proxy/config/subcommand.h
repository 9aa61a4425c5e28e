// The program's commands, for the command line and its help.
#pragma once

#include <span>
#include <string_view>

namespace bearer::config {

/// The process was started to do one of these.
enum class Verb { serve, exec, token, check, healthcheck, help, version };

/// A flag that one command takes beside the settings.
struct CommandFlag {
  std::string_view name;         ///< without dashes
  std::string_view placeholder;  ///< of its value; empty: it takes none
  std::string_view help;
  bool repeats = false;
};

/// A setting's default where a command has its own.
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
  std::string_view operands = {};  ///< what stands behind `--`; empty: nothing may
};

std::span<const Subcommand> subcommands();

/// Null if there is none of that name.
const Subcommand* find_subcommand(std::string_view name);

}  // namespace bearer::config
