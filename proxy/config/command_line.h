// Reads from the command line what the process was started to do.
#pragma once

#include <string>
#include <vector>

#include "config/environment.h"
#include "config/files.h"
#include "config/health_question.h"
#include "config/settings.h"
#include "config/subcommand.h"

namespace bearer::config {

/// The program that `exec` runs, and what it gets.
struct Execution {
  std::vector<std::string> argv;           ///< at least the program, which is searched for in PATH
  std::vector<std::string> url_variables;  ///< beside BEARER_PROXY_URL
};

struct Command {
  Verb verb = Verb::serve;
  Settings settings = {};  ///< for serve, exec, token and check; token may lack upstreams
  std::string help = {};   ///< for help: the text
  Execution execution = {};
  /// For token: the name of the credential that is meant, one of the settings'. Else empty.
  std::string credential = {};
  /// For check --offline: every value in force, for a person. Else empty.
  std::string effective = {};
  HealthQuestion health_question = {};  ///< for healthcheck
};

/// `arguments` are those after the program's name. Throws a ConfigError that names all mistakes.
/// With --help or --version nothing is read, so nothing can be wrong.
Command parse_command_line(const std::vector<std::string>& arguments,
                           const Environment& environment, const Files& files);

}  // namespace bearer::config
