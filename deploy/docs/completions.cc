#include "deploy/docs/completions.h"

#include <functional>
#include <string_view>

#include "config/option_table.h"
#include "config/option_text.h"
#include "config/subcommand.h"

namespace bearer::docs {
namespace {

using config::CommandFlag;
using config::Kind;
using config::Option;
using config::Subcommand;

/// Of every setting that is a flag.
std::string each_flag(const std::function<std::string(const Option&)>& text_of) {
  std::string text;
  for (const Option& option : config::option_table()) {
    if (option.can_be(config::kFlag)) text += text_of(option);
  }
  return text;
}

std::string each_command(const std::function<std::string(const Subcommand&)>& text_of) {
  std::string text;
  for (const Subcommand& command : config::subcommands()) text += text_of(command);
  return text;
}

constexpr std::string_view kFishQuote = "\\'";

/// In single quotes, as each of the three shells takes it but for `quote`: how it writes one.
std::string in_quotes(std::string_view text, std::string_view quote = "'\\''") {
  std::string inside;
  for (const char c : text) {
    if (c == '\'') {
      inside += quote;
    } else {
      inside += c;
    }
  }
  return "'" + inside + "'";
}

bool takes_file(const Option& option) {
  return option.kind == Kind::file;
}

/// zsh reads `[`, `]` and `:` in a description as its own.
std::string described(std::string_view help) {
  std::string text;
  for (const char c : help) {
    if (c == '[' || c == ']' || c == ':') text += '\\';
    text += c;
  }
  return text;
}

std::string own_flags(const Subcommand& command) {
  std::string text;
  for (const CommandFlag& flag : command.flags) text += " --" + std::string(flag.name);
  return text;
}

}  // namespace

std::string bash_completion() {
  std::string flags = "--help --version";
  std::string files, values;
  for (const Option& option : config::option_table()) {
    if (!option.can_be(config::kFlag)) continue;
    flags += " " + option.flag();
    std::string& list = takes_file(option) ? files : values;
    if (option.kind != Kind::boolean) list += (list.empty() ? "" : "|") + option.flag();
  }
  for (const Subcommand& command : config::subcommands()) {
    for (const config::CommandFlag& flag : command.flags) {
      if (!flag.placeholder.empty()) values += "|--" + std::string(flag.name);
    }
  }
  const std::string commands =
      each_command([](const Subcommand& command) { return std::string(command.name) + " "; });
  const std::string own = each_command([](const Subcommand& command) {
    const std::string its = own_flags(command);
    return its.empty() ? "" : "      " + std::string(command.name) + ") flags+='" + its + "' ;;\n";
  });
  return "# bash completion of bearer-proxy\n"
         "_bearer_proxy() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} i\n"
         "  local flags='" +
         flags +
         "'\n"
         "  COMPREPLY=()\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case ${COMP_WORDS[i]} in\n" +
         own +
         "      --) if declare -F _command_offset >/dev/null; then _command_offset $((i + 1)); fi\n"
         "         return ;;\n"
         "    esac\n"
         "  done\n"
         "  case $before in\n"
         "    " +
         files +
         ") compopt -o filenames 2>/dev/null\n"
         "      mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
         "      return ;;\n"
         "    " +
         values +
         ") return ;;\n"
         "  esac\n"
         "  case $word in\n"
         "    -*) mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$word\") ;;\n"
         "    *) mapfile -t COMPREPLY < <(compgen -W '" +
         commands +
         "' -- \"$word\") ;;\n"
         "  esac\n"
         "}\n"
         "complete -F _bearer_proxy bearer-proxy\n";
}

std::string zsh_completion() {
  const std::string flags = each_flag([](const Option& option) {
    std::string spec = option.flag() + "[" + described(option.help) + "]";
    if (option.kind != Kind::boolean) {
      spec += ":" + std::string(option.name) + ":" + (takes_file(option) ? "_files" : "");
    }
    const std::string often = option.repeats == config::Repeats::no ? "" : "*";
    return "    " + in_quotes(often + spec) + " \\\n";
  });
  const std::string commands = each_command([](const Subcommand& command) {
    return "    " + in_quotes(std::string(command.name) + ":" + described(command.help)) + "\n";
  });
  const std::string own = each_command([](const Subcommand& command) {
    std::string specs;
    for (const CommandFlag& flag : command.flags) {
      const std::string name(flag.name);
      const std::string value = flag.placeholder.empty() ? "" : ":" + name + ":";
      specs += " " + in_quotes((flag.repeats ? "*--" : "--") + name + "[" + described(flag.help) +
                               "]" + value);
    }
    const std::string name(command.name);
    return specs.empty() ? "" : "  (( ${words[(I)" + name + "]} )) && own+=(" + specs + " )\n";
  });
  return "#compdef bearer-proxy\n"
         "_bearer_proxy_commands() {\n"
         "  local -a commands=(\n" +
         commands +
         "  )\n"
         "  _describe command commands\n"
         "}\n"
         "_bearer_proxy() {\n"
         "  local dashes=${words[(i)--]}\n"
         "  if (( dashes < CURRENT )); then\n"
         "    shift $dashes words\n"
         "    (( CURRENT -= dashes ))\n"
         "    _normal\n"
         "    return\n"
         "  fi\n"
         "  local -a own\n" +
         own + "  _arguments \"${own[@]}\" \\\n" + flags +
         "    '(- *)--help[show help]' '(- *)--version[show the version]' \\\n"
         "    '1:command:_bearer_proxy_commands'\n"
         "}\n"
         "_bearer_proxy \"$@\"\n";
}

std::string fish_completion() {
  const std::string flags = each_flag([&](const Option& option) {
    const std::string value = option.kind == Kind::boolean ? ""
                              : takes_file(option)         ? " -r -F"
                                                           : " -x";
    return "complete -c bearer-proxy -l " + std::string(option.name) + value + " -d " +
           in_quotes(option.help, kFishQuote) + "\n";
  });
  const std::string commands = each_command([&](const Subcommand& command) {
    const std::string name(command.name);
    std::string text = "complete -c bearer-proxy -n __fish_use_subcommand -f -a " + name + " -d " +
                       in_quotes(command.help, kFishQuote) + "\n";
    for (const CommandFlag& flag : command.flags) {
      text += "complete -c bearer-proxy -n '__fish_seen_subcommand_from " + name + "'" +
              (flag.placeholder.empty() ? "" : " -x") + " -l " + std::string(flag.name) + " -d " +
              in_quotes(flag.help, kFishQuote) + "\n";
    }
    return text;
  });
  return "# fish completion of bearer-proxy\n" + commands + flags +
         "complete -c bearer-proxy -l help -d 'show help'\n"
         "complete -c bearer-proxy -l version -d 'show the version'\n";
}

}  // namespace bearer::docs
