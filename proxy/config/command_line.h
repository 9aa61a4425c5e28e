// The command line says what the process was started to do.
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
  std::vector<std::string> argv;           ///< at least the program, which is looked for in PATH
  std::vector<std::string> url_variables;  ///< beside BEARER_PROXY_URL
};

struct Command {
  Verb verb = Verb::serve;
  Settings settings = {};  ///< of serve, exec, token and check; of token, upstreams may be empty
  std::string help = {};   ///< of help: the text
  Execution execution = {};
  /// For check --offline: every value as it takes effect, for a person. Else empty.
  std::string effective = {};
  HealthQuestion health_question = {};  ///< of healthcheck
};

/// `arguments` are those after the program's name. Throws a ConfigError that names everything that
/// is wrong; with --help or --version nothing is read and nothing can be.
Command parse_command_line(const std::vector<std::string>& arguments,
                           const Environment& environment, const Files& files);

}  // namespace bearer::config
