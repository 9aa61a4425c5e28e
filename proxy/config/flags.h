// The command line's settings: flags.
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
  std::string topic = {};  ///< what `help` is asked about beside commands
  bool help = false;
  bool version = false;
  Values values;
  /// The command's own, by CommandFlag::name.
  std::map<std::string_view, std::vector<std::string>> own = {};
  std::vector<std::string> operands = {};  ///< what stands behind `--`
};

/// An argument that is not known is a problem. It is quoted only as far as it is the name of a flag
/// or a command: what stands beside a mistyped flag may be a secret.
Flags parse_flags(const std::vector<std::string>& arguments, ConfigErrors& problems);

}  // namespace bearer::config
