#include "config/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "config/subcommand.h"

namespace bearer::config {
namespace {

constexpr const char* kWhyNoSecret =
    "--client-secret is not a flag: every user of this machine can read a process's arguments. Put "
    "the secret into a file and name it with --client-secret-file, or into the environment as "
    "BEARER_PROXY_CLIENT_SECRET";

using FlagOptions = std::map<std::string_view, CLI::Option*>;

CLI::Option* add_valued(CLI::App& app, const std::string& flag) {
  return app.add_option(flag)->expected(1)->allow_extra_args(false)->multi_option_policy(
      CLI::MultiOptionPolicy::TakeAll);
}

/// Every setting that has a flag, told to the parser.
FlagOptions add_options(CLI::App& app) {
  FlagOptions options;
  for (const Option& option : option_table()) {
    if (!option.can_be(kFlag)) continue;
    options[option.name] =
        option.kind == Kind::boolean
            ? app.add_flag(option.flag())->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            : add_valued(app, option.flag());
  }
  return options;
}

CLI::Option* add_own(CLI::App& app, const CommandFlag& flag) {
  const std::string name = "--" + std::string(flag.name);
  return flag.placeholder.empty() ? app.add_flag(name) : add_valued(app, name);
}

/// Every command, and the flags that are its own.
std::map<const Subcommand*, FlagOptions> add_subcommands(CLI::App& app) {
  std::map<const Subcommand*, FlagOptions> options;
  for (const Subcommand& subcommand : subcommands()) {
    CLI::App* added = app.add_subcommand(std::string(subcommand.name));
    added->set_help_flag();
    added->fallthrough();
    FlagOptions& own = options[&subcommand];
    for (const CommandFlag& flag : subcommand.flags) {
      own[flag.name] = add_own(*added, flag);
    }
  }
  return options;
}

std::string unknown_flag(const std::string& flag, const Subcommand* command) {
  std::vector<std::string> known = {"--help", "--version"};
  if (command != nullptr) {
    for (const CommandFlag& own : command->flags) known.push_back("--" + std::string(own.name));
  }
  for (const Option& option : option_table()) {
    if (option.can_be(kFlag)) known.push_back(option.flag());
  }
  return "unknown flag " + flag + did_you_mean(flag, known);
}

std::string stray_argument(const std::string& argument, bool first, const Subcommand* command) {
  if (command != nullptr && !command->operands.empty()) {
    return "what is to be run stands behind two dashes: bearer-proxy " +
           std::string(command->name) + " [settings] " + std::string(command->operands);
  }
  if (!first) {
    return "an argument is neither a command nor a flag's value; flags begin with --";
  }
  std::vector<std::string> known;
  for (const Subcommand& subcommand : subcommands()) known.emplace_back(subcommand.name);
  return "unknown command " + argument + did_you_mean(argument, known);
}

/// Names the first of what the parser could not place: what follows may be its value.
void report_extras(const std::vector<std::string>& extras, const std::string& first_argument,
                   const Subcommand* command, ConfigErrors& problems) {
  const auto flag = std::ranges::find_if(
      extras, [](const std::string& extra) { return extra.size() > 1 && extra.starts_with('-'); });
  if (flag != extras.end()) {
    problems.add(unknown_flag(flag->substr(0, flag->find('=')), command));
  } else if (!extras.empty()) {
    problems.add(stray_argument(extras.front(), extras.front() == first_argument, command));
  }
}

/// What the parser must not see: it would take what follows `--scope=` (an empty variable of a
/// script, mostly) for its value, and the secret behind --client-secret for a flag if it looks so.
bool has_unparsable(const std::vector<std::string>& arguments, ConfigErrors& problems) {
  for (const std::string& argument : arguments) {
    if (!argument.starts_with("--")) continue;
    const std::size_t equals = argument.find('=');
    if (argument.substr(0, equals) == "--client-secret") {
      problems.add(kWhyNoSecret);
    } else if (equals == argument.size() - 1) {
      problems.add(argument + " has an empty value");
    } else {
      continue;
    }
    return true;
  }
  return false;
}

/// Of a path there is none: `file:/run/user@1000.service/token`.
bool holds_user_information(std::string_view url) {
  return !url.starts_with("file:") && url.find('@') != std::string_view::npos;
}

void check_arguments(const Option& option, const Value& value, ConfigErrors& problems) {
  if (!option.user_information) return;
  if (std::ranges::none_of(value.texts, holds_user_information)) return;
  problems.add(describe(option, value, "") +
               "it holds a user or a password, and others can read a process's arguments: give it "
               "with " +
               option.environment() + " or the config key " + option.key());
}

void read_results(const FlagOptions& options, Values& values, ConfigErrors& problems) {
  for (const auto& [name, parsed] : options) {
    if (parsed->count() == 0) continue;
    const Option& option = *find_option(name);
    if (parsed->count() > 1 && option.repeats == Repeats::no) {
      problems.add(option.flag() + " is given twice");
    }
    values[name] = {parsed->results(), option.flag(), ""};
    check_arguments(option, values[name], problems);
  }
}

void read_own(const Subcommand& command, const FlagOptions& options, Flags& flags,
              ConfigErrors& problems) {
  for (const CommandFlag& flag : command.flags) {
    const CLI::Option* parsed = options.at(flag.name);
    if (parsed->count() == 0) continue;
    if (parsed->count() > 1 && !flag.repeats) {
      problems.add("--" + std::string(flag.name) + " is given twice");
    }
    flags.own[flag.name] = parsed->results();
  }
}

void check_operands(const Subcommand* command, const std::vector<std::string>& operands,
                    ConfigErrors& problems) {
  const bool wanted = command != nullptr && !command->operands.empty();
  if (wanted && operands.empty()) {
    problems.add(std::string(command->name) + " needs a command to run: bearer-proxy " +
                 std::string(command->name) + " [settings] " + std::string(command->operands));
  } else if (!wanted && !operands.empty()) {
    problems.add("nothing may stand behind -- here; `bearer-proxy exec` runs a command");
  }
}

}  // namespace

Flags parse_flags(const std::vector<std::string>& all_arguments, ConfigErrors& problems) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  const FlagOptions options = add_options(app);
  const CLI::Option* help = app.add_flag("-h,--help");
  const CLI::Option* version = app.add_flag("-V,--version");
  const auto own_options = add_subcommands(app);
  app.require_subcommand(0, 1);

  Flags flags;
  const auto dashes = std::ranges::find(all_arguments, "--");
  const std::vector<std::string> arguments(all_arguments.begin(), dashes);
  if (dashes != all_arguments.end()) flags.operands.assign(dashes + 1, all_arguments.end());
  if (has_unparsable(arguments, problems)) return flags;
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ArgumentMismatch&) {
    problems.add(arguments.back() + " needs a value");  // any other would have taken what follows
    return flags;
  }
  for (const CLI::App* subcommand : app.get_subcommands()) flags.command = subcommand->get_name();
  flags.help = help->count() > 0;
  flags.version = version->count() > 0;
  const Subcommand* command = find_subcommand(flags.command);
  if (const std::vector<std::string> extras = app.remaining(true); !extras.empty()) {
    report_extras(extras, arguments.front(), command, problems);
  } else {
    check_operands(command, flags.operands, problems);
  }
  read_results(options, flags.values, problems);
  if (command != nullptr) read_own(*command, own_options.at(command), flags, problems);
  return flags;
}

}  // namespace bearer::config
