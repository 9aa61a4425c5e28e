// What the process was started to do.
#pragma once

#include <string>
#include <vector>

#include "config/environment.h"
#include "config/files.h"
#include "config/settings.h"

namespace bearer::config {

enum class Verb { serve, token, check, help, version };

struct Command {
  Verb verb = Verb::serve;
  Settings settings;  ///< of serve, token and check; of token, a route's upstream may be empty
  std::string help;   ///< of help: the text
};

/// `arguments` are those after the program's name. Throws a ConfigError that names everything that
/// is wrong; with --help or --version nothing is read and nothing can be.
Command parse_command_line(const std::vector<std::string>& arguments,
                           const Environment& environment, const Files& files);

}  // namespace bearer::config
