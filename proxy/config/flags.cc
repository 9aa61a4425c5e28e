#include "config/flags.h"

#include <algorithm>
#include <optional>

#include "config/option_table.h"
#include "config/subcommand.h"

namespace bearer::config {
namespace {

constexpr const char* kWhyNoSecret =
    "--client-secret is not a flag: every user of this machine can read a process's arguments. Put "
    "the secret into a file and name it with --client-secret-file, or into the environment as "
    "BEARER_PROXY_CLIENT_SECRET";

/// The place for a flag's values.
struct Target {
  std::vector<std::string>& texts;
  bool boolean;
  bool repeats;
  bool may_be_empty = false;
  const Option* option = nullptr;  ///< null unless it is a setting's flag
};

/// The target of a setting's flag, or of one of the command's own; nullopt if it is neither.
std::optional<Target> target_of(std::string_view flag, const Subcommand* command, Flags& flags) {
  if (!flag.starts_with("--")) return std::nullopt;
  const std::string_view name = flag.substr(2);
  if (command != nullptr) {
    const auto own = std::ranges::find(command->flags, name, &CommandFlag::name);
    if (own != command->flags.end())
      return Target{flags.own[own->name], own->placeholder.empty(), own->repeats};
  }
  const Option* option = find_option(name);
  if (option == nullptr || !option->can_be(kFlag)) return std::nullopt;
  Value& value = flags.values[option->name];
  value.source = option->flag();
  return Target{value.texts, option->kind == Kind::boolean, option->repeats != Repeats::no,
                option->may_be_empty, option};
}

/// A switch needs no value, but takes one that can be nothing else.
bool is_word_of(const Target& target, std::string_view argument) {
  if (target.option == nullptr) return false;
  return argument == "on" || argument == "off" || target.option->takes_word(argument);
}

/// The command that has the flag for itself; null if none has.
const Subcommand* owner_of(std::string_view flag) {
  const auto has_it = [&](const Subcommand& command) {
    return std::ranges::any_of(command.flags, [&](const CommandFlag& own) {
      return flag == "--" + std::string(own.name);
    });
  };
  const auto owner = std::ranges::find_if(subcommands(), has_it);
  return owner == subcommands().end() ? nullptr : &*owner;
}

std::string unknown_flag(const std::string& flag, const Subcommand* command) {
  if (const Subcommand* owner = owner_of(flag)) {
    const std::string name(owner->name);
    return owner == command ? flag + " is a flag of " + name + ", and stands behind that word"
                            : "unknown flag " + flag + ": only bearer-proxy " + name + " has it";
  }
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
  if (command != nullptr && find_subcommand(argument) != nullptr) {
    return "a command is named already: " + std::string(command->name) + "; leave " + argument +
           " out";
  }
  const bool file = argument.ends_with(".json");
  if (command != nullptr && command->verb == Verb::token && !file) {
    return "an argument is neither a command nor a flag's value; a credential is named with "
           "--credential NAME";
  }
  if (!first) {
    const char* as_file = file ? "; did you mean --config FILE?" : "";
    return std::string("an argument is neither a command nor a flag's value; flags begin with --") +
           as_file;
  }
  std::vector<std::string> known;
  for (const Subcommand& subcommand : subcommands()) known.emplace_back(subcommand.name);
  return "unknown command " + argument + did_you_mean(argument, known);
}

/// Reports the first of the extra arguments. Those after it may be its value.
void report_extras(const std::vector<std::string>& extras, const std::string& first_argument,
                   const Subcommand* command, ConfigErrors& problems) {
  const bool runs = command != nullptr && !command->operands.empty();
  // The program to run may have flags of its own.
  if (runs && !extras.front().starts_with('-')) {
    return problems.add(stray_argument(extras.front(), false, command));
  }
  const auto flag = std::ranges::find_if(
      extras, [](const std::string& extra) { return extra.size() > 1 && extra.starts_with('-'); });
  if (flag != extras.end()) {
    problems.add(unknown_flag(flag->substr(0, flag->find('=')), command));
  } else {
    problems.add(stray_argument(extras.front(), extras.front() == first_argument, command));
  }
}

/// A path has no user information: `file:/run/user@1000.service/token`.
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

/// Reads the arguments one after the other.
class Reader {
 public:
  Reader(const std::vector<std::string>& arguments, Flags& flags, ConfigErrors& problems)
      : arguments_(arguments), flags_(flags), problems_(problems) {}

  /// False if an argument is so wrong that the next one may be its value.
  bool read_all() {
    while (next_ < arguments_.size()) {
      const std::string& argument = arguments_[next_++];
      const bool is_flag = argument.size() > 1 && argument.starts_with('-');
      if (!is_flag) {
        read_word(argument);
      } else if (!read_flag(argument)) {
        return false;
      }
    }
    return true;
  }

  const Subcommand* command() const { return command_; }
  /// The arguments that are not a flag, a flag's value or a command.
  const std::vector<std::string>& extras() const { return extras_; }

 private:
  void read_word(const std::string& word) {
    if (flags_.help && command_ == nullptr && flags_.topic.empty()) {
      command_ = find_subcommand(word);
      (command_ == nullptr ? flags_.topic : flags_.command) = word;
      return;
    }
    if (next_ == 1 && word == "help") {
      flags_.help = true;
      return;
    }
    if (next_ == 1 && word == "version") {
      flags_.version = true;
      return;
    }
    const Subcommand* named = command_ == nullptr ? find_subcommand(word) : nullptr;
    if (named == nullptr) return extras_.push_back(word);
    command_ = named;
    flags_.command = word;
  }

  bool read_flag(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    const std::string flag = argument.substr(0, equals);
    const std::optional<Target> target = target_of(flag, command_, flags_);
    const bool may_be_empty = target && target->may_be_empty;
    if (equals == argument.size() - 1 && !may_be_empty) {  // mostly an empty variable of a script
      problems_.add(argument + " has an empty value");
      return false;
    }
    if (flag == "-h" || flag == "--help") return flags_.help = true;
    if (flag == "-V" || flag == "--version") return flags_.version = true;
    if (!target) {
      extras_.push_back(argument);
      return true;
    }
    if (!target->texts.empty() && !target->repeats) problems_.add(flag + " is given twice");
    // A setting has other words as well; a command's own switch has none for its opposite.
    const bool plain_switch = target->boolean && target->option == nullptr;
    if (plain_switch && equals != std::string::npos && argument.substr(equals + 1) != "true") {
      problems_.add(flag + " takes no value");
    }
    if (equals != std::string::npos) {
      target->texts.push_back(argument.substr(equals + 1));
    } else if (target->boolean) {
      const bool word = next_ < arguments_.size() && is_word_of(*target, arguments_[next_]);
      target->texts.push_back(word ? arguments_[next_++] : "true");
    } else if (next_ < arguments_.size()) {
      target->texts.push_back(arguments_[next_++]);
    } else {
      problems_.add(flag + " needs a value");
      return false;
    }
    return true;
  }

  const std::vector<std::string>& arguments_;
  Flags& flags_;
  ConfigErrors& problems_;
  std::size_t next_ = 0;
  const Subcommand* command_ = nullptr;
  std::vector<std::string> extras_;
};

bool is_client_secret(const std::string& argument) {
  const std::string_view flag = std::string_view(argument).substr(0, argument.find('='));
  return flag.starts_with("--") && names_client_secret(flag.substr(2));
}

}  // namespace

Flags parse_flags(const std::vector<std::string>& all_arguments, ConfigErrors& problems) {
  Flags flags;
  const auto dashes = std::ranges::find(all_arguments, "--");
  const std::vector<std::string> arguments(all_arguments.begin(), dashes);
  if (dashes != all_arguments.end()) flags.operands.assign(dashes + 1, all_arguments.end());
  if (std::ranges::any_of(arguments, is_client_secret)) {  // not even as another flag's value
    problems.add(kWhyNoSecret);
    return flags;
  }
  Reader reader(arguments, flags, problems);
  if (!reader.read_all()) return flags;
  if (!reader.extras().empty()) {
    report_extras(reader.extras(), arguments.front(), reader.command(), problems);
  } else {
    check_operands(reader.command(), flags.operands, problems);
  }
  for (const auto& [name, value] : flags.values) {
    check_arguments(*find_option(name), value, problems);
  }
  return flags;
}

}  // namespace bearer::config
