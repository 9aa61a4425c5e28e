#include "config/help.h"

#include <algorithm>

#include "base/text.h"
#include "config/option_table.h"
#include "config/option_text.h"
#include "config/subcommand.h"

namespace bearer::config {
namespace {

constexpr std::size_t kIndent = 28;
constexpr std::size_t kColumns = 100;

/// `words` after what stands in `line`, broken where they would pass the last column.
void append_wrapped(std::string& text, std::string line, std::string_view words,
                    std::size_t indent = kIndent) {
  if (words.empty()) return;
  while (!words.empty()) {
    const std::string_view word = base::take_until(words, ' ');
    const bool first = line.size() <= indent;
    if (!first && line.size() + 1 + word.size() > kColumns) {
      text += line + "\n";
      line.clear();
    }
    line.resize(std::max(line.size(), indent), ' ');
    if (line.size() > indent) line += ' ';
    line += word;
  }
  text += line + "\n";
}

void append_option(std::string& text, const Option& option) {
  std::string line = "  " + title(option);
  if (line.size() + 2 > kIndent) {
    text += line + "\n";
    line.clear();
  }
  append_wrapped(text, line, option.help);
  append_wrapped(text, "", spellings(option));
}

std::string settings() {
  std::string text;
  for (const Heading& heading : headings()) {
    text += "\n" + std::string(heading.text) + ":\n";
    for (const Option& option : option_table()) {
      if (option.group == heading.group && is_listed(option)) append_option(text, option);
    }
  }
  return text;
}

/// What holds of one command alone.
void append_own(std::string& text, const Subcommand& subcommand) {
  append_wrapped(text, "Its own defaults:", own_defaults(subcommand));
  for (const CommandFlag& flag : subcommand.flags) {
    append_wrapped(text, "  " + title(flag), flag.help);
  }
}

std::string commands() {
  std::string text = "\nCommands:\n";
  for (const Subcommand& subcommand : subcommands()) {
    std::string line = "  " + std::string(subcommand.name);
    line.resize(kIndent, ' ');
    text += line + std::string(subcommand.help) + "\n";
  }
  return text;
}

std::string rules() {
  std::string text = "\n";
  append_wrapped(text, "", precedence(), 0);
  return text;
}

}  // namespace

std::string help(std::string_view command) {
  const Subcommand* subcommand = find_subcommand(command);
  if (subcommand == nullptr) {
    return "bearer-proxy adds a bearer token to HTTP requests, keeps it fresh, and retries.\n\n"
           "Usage: bearer-proxy [COMMAND] [settings]\n"
           "       bearer-proxy [COMMAND] --help | --version\n" +
           commands() + rules() + settings();
  }
  std::string text = "bearer-proxy " + std::string(command) + ": " + std::string(subcommand->help) +
                     "\n\nUsage: bearer-proxy " + std::string(command) + " [settings]";
  if (!subcommand->operands.empty()) text += " " + std::string(subcommand->operands);
  text += "\n\n";
  append_wrapped(text, "Exit status:", subcommand->exit_statuses);
  append_own(text, *subcommand);
  return text + rules() + settings();
}

}  // namespace bearer::config
