#include "config/command_line.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "config/flags.h"
#include "config/help.h"
#include "config/load.h"

namespace bearer::config {
namespace {

bool is_variable_name(std::string_view name) {
  const auto fits = [](char c) {
    return base::is_digit(c) || c == '_' || (base::lower(c) >= 'a' && base::lower(c) <= 'z');
  };
  return !name.empty() && !base::is_digit(name.front()) && std::ranges::all_of(name, fits);
}

Execution read_execution(const Flags& flags, ConfigErrors& problems) {
  Execution execution{.argv = flags.operands, .url_variables = {}};
  const auto names = flags.own.find("env");
  if (names == flags.own.end()) return execution;
  execution.url_variables = names->second;
  for (const std::string& name : execution.url_variables) {
    if (is_variable_name(name)) continue;
    problems.add(
        "--env takes the name of an environment variable, such as API_URL; the proxy's "
        "URL becomes its value");
  }
  return execution;
}

/// The credential whose token is asked for: the one that is named, or the first route's.
std::string asked_credential(const Flags& flags, const Loaded& loaded) {
  std::vector<std::string> known;
  std::string list;
  for (const token::CredentialOptions& credential : loaded.settings.credentials) {
    known.push_back(credential.name);
    list += (list.empty() ? "" : ", ") + credential.name;
  }
  const auto named = flags.own.find("credential");
  if (named == flags.own.end()) {
    if (loaded.routes_written || known.size() == 1)
      return loaded.settings.routes.front().credential;
    throw ConfigError(
        "there are several credentials, and no route says which one is meant; name one with "
        "--credential: " +
        list);
  }
  const std::string& name = named->second.front();
  if (std::ranges::find(known, name) != known.end()) return name;
  constexpr std::size_t kShownCharsMax = 100;
  throw ConfigError("--credential \"" + base::printable(name, kShownCharsMax) +
                    "\": there is no credential of that name; the configuration has " + list);
}

}  // namespace

Command parse_command_line(const std::vector<std::string>& arguments,
                           const Environment& environment, const Files& files) {
  ConfigErrors problems;
  const Flags flags = parse_flags(arguments, problems);
  if (const std::string none = no_help_on(flags.topic); flags.help && !none.empty()) {
    throw ConfigError(none);
  }
  if (flags.help) return {.verb = Verb::help, .help = help(flags.command, flags.topic)};
  if (flags.version) return {.verb = Verb::version};
  const Subcommand& subcommand = *find_subcommand(flags.command.empty() ? "serve" : flags.command);
  Command command{.verb = subcommand.verb};
  command.execution = read_execution(flags, problems);
  problems.throw_if_any();
  if (command.verb == Verb::healthcheck) {
    command.health_question = read_health_question(flags, environment, files);
  } else {
    const bool offline = flags.own.contains("offline");
    // A person who checks the configuration wants to know how the proxy will run.
    const Subcommand& runs = offline ? *find_subcommand("serve") : subcommand;
    Loaded loaded = load(flags.values, environment, files, runs);
    if (command.verb == Verb::token) command.credential = asked_credential(flags, loaded);
    command.settings = std::move(loaded.settings);
    if (offline) command.effective = effective_text(loaded.values);
  }
  if (command.verb == Verb::exec && command.settings.service.access_log == "-") {
    throw ConfigError("access_log is \"-\", but exec leaves stdout to the command: name a file");
  }
  return command;
}

}  // namespace bearer::config
