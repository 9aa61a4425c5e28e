// Reads the command line's settings: flags.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/config_errors.h"
#include "config/values.h"

namespace bearer::config {

struct Flags {
  std::string command;     ///< `token`; empty if none was named
  std::string topic = {};  ///< the topic of `help`, unless it is a command
  bool help = false;
  bool version = false;
  Values values;
  /// The command's own flags, by CommandFlag::name.
  std::map<std::string_view, std::vector<std::string>> own = {};
  std::vector<std::string> operands = {};  ///< the arguments after `--`
};

/// An unknown argument is a problem. It is quoted only as far as it is the name of a flag or a
/// command, because a value beside a mistyped flag may be a secret.
Flags parse_flags(const std::vector<std::string>& arguments, ConfigErrors& problems);

}  // namespace bearer::config
