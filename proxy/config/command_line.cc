#include "config/command_line.h"

#include "config/flags.h"
#include "config/help.h"
#include "config/load.h"
#include "config/subcommand.h"

namespace bearer::config {

Command parse_command_line(const std::vector<std::string>& arguments,
                           const Environment& environment, const Files& files) {
  Problems problems;
  const Flags flags = parse_flags(arguments, problems);
  if (flags.help) return {.verb = Verb::help, .settings = {}, .help = help(flags.command)};
  if (flags.version) return {.verb = Verb::version, .settings = {}, .help = {}};
  problems.throw_if_any();
  const Verb verb = flags.command.empty() ? Verb::serve : find_subcommand(flags.command)->verb;
  const Upstream upstream = verb == Verb::token ? Upstream::optional : Upstream::required;
  return {.verb = verb, .settings = load(flags.values, environment, files, upstream), .help = {}};
}

}  // namespace bearer::config
