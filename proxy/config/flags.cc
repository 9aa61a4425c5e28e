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

/// Every setting that has a flag, told to the parser.
FlagOptions add_options(CLI::App& app) {
  FlagOptions options;
  for (const Option& option : option_table()) {
    if (!option.can_be(kFlag)) continue;
    options[option.name] =
        option.kind == Kind::boolean
            ? app.add_flag(option.flag())
            : app.add_option(option.flag())->expected(1)->allow_extra_args(false);
    options[option.name]->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  return options;
}

std::string unknown_flag(const std::string& flag) {
  std::vector<std::string> known = {"--help", "--version"};
  for (const Option& option : option_table()) {
    if (option.can_be(kFlag)) known.push_back(option.flag());
  }
  return "unknown flag " + flag + did_you_mean(flag, known);
}

std::string stray_argument(const std::string& argument, bool first) {
  if (!first) {
    return "an argument is neither a command nor a flag's value; flags begin with --";
  }
  std::vector<std::string> known;
  for (const Subcommand& subcommand : subcommands()) known.emplace_back(subcommand.name);
  return "unknown command " + argument + did_you_mean(argument, known);
}

/// Names the first of what the parser could not place: what follows may be its value.
void report_extras(const std::vector<std::string>& extras, const std::string& first_argument,
                   Problems& problems) {
  const auto flag = std::ranges::find_if(
      extras, [](const std::string& extra) { return extra.size() > 1 && extra.starts_with('-'); });
  if (flag != extras.end()) {
    problems.add(unknown_flag(flag->substr(0, flag->find('='))));
  } else if (!extras.empty()) {
    problems.add(stray_argument(extras.front(), extras.front() == first_argument));
  }
}

/// What the parser must not see: it would take what follows `--scope=` (an empty variable of a
/// script, mostly) for its value, and the secret behind --client-secret for a flag if it looks so.
bool has_unparsable(const std::vector<std::string>& arguments, Problems& problems) {
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

void read_results(const FlagOptions& options, Values& values, Problems& problems) {
  for (const auto& [name, parsed] : options) {
    if (parsed->count() == 0) continue;
    const Option& option = *find_option(name);
    if (parsed->count() > 1 && option.repeats == Repeats::no) {
      problems.add(option.flag() + " is given twice");
    }
    values[name] = {parsed->results(), option.flag(), ""};
  }
}

}  // namespace

Flags parse_flags(const std::vector<std::string>& arguments, Problems& problems) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  const FlagOptions options = add_options(app);
  const CLI::Option* help = app.add_flag("-h,--help");
  const CLI::Option* version = app.add_flag("-V,--version");
  for (const Subcommand& subcommand : subcommands()) {
    CLI::App* added = app.add_subcommand(std::string(subcommand.name));
    added->set_help_flag();
    added->fallthrough();
  }
  app.require_subcommand(0, 1);

  Flags flags;
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
  report_extras(app.remaining(true), arguments.empty() ? "" : arguments.front(), problems);
  read_results(options, flags.values, problems);
  return flags;
}

}  // namespace bearer::config
