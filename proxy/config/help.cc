#include "config/help.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "config/option_table.h"
#include "config/option_text.h"
#include "config/subcommand.h"

namespace bearer::config {
namespace {

constexpr std::size_t kIndent = 26;
constexpr std::size_t kColumns = 79;

/// Appends `words` to `line`, and breaks the text before the last column.
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
    // A word that is too long for its column begins farther to the left.
    const std::size_t room = kColumns - std::min(word.size(), kColumns);
    line.resize(std::max(line.size(), std::min(indent, room)), ' ');
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

/// The name of a topic for `help TOPIC`: the first word of its heading, in lower case.
std::string topic_of(const Heading& heading) {
  return base::to_lower(heading.text.substr(0, heading.text.find(' ')));
}

void append_group(std::string& text, const Heading& heading) {
  text += "\n" + std::string(heading.text) + ":\n";
  for (const Option& option : option_table()) {
    if (option.group == heading.group && is_listed(option)) append_option(text, option);
  }
}

std::string settings() {
  std::string text;
  for (const Heading& heading : headings()) append_group(text, heading);
  return text;
}

std::string list_of_topics() {
  std::string list;
  for (const Heading& heading : headings()) list += (list.empty() ? "" : ", ") + topic_of(heading);
  return list + "; or the name of a command or a setting";
}

std::string topics() {
  std::string text = "\n";
  append_wrapped(text, "", "Topics of `bearer-proxy help TOPIC`: " + list_of_topics() + ".", 0);
  return text;
}

constexpr std::string_view kExamples = R"x(
Examples:
  BEARER_PROXY_CLIENT_SECRET=... bearer-proxy --client-id ID \
      --upstream https://api.example.com \
      --token-url https://login.example.com/oauth/token
  bearer-proxy check --config api.json
  bearer-proxy exec --config api.json --env API_URL -- python3 job.py
  curl -H "Authorization: Bearer $(bearer-proxy token --config api.json)" URL
)x";

std::string rules() {
  std::string text = "\n";
  append_wrapped(text, "", precedence(), 0);
  return text;
}

/// The word in lower case, and in the singular, as far as a final s shows the plural.
std::string stem(std::string_view word) {
  std::string text = base::to_lower(word);
  if (text.size() > 3 && text.ends_with("ies")) return text.replace(text.size() - 3, 3, "y");
  if (text.size() > 3 && text.ends_with('s') && !text.ends_with("ss")) text.pop_back();
  return text;
}

/// True if one of the words of `text` has that stem.
bool has_word(std::string_view text, const std::string& wanted) {
  std::string word;
  for (const char c : text) {
    const char letter = base::lower(c);
    if (base::is_digit(letter) || (letter >= 'a' && letter <= 'z')) {
      word += letter;
      continue;
    }
    if (stem(word) == wanted) return true;
    word.clear();
  }
  return stem(word) == wanted;
}

/// Lists the flags of commands and the settings whose name has the word; if there are none, those
/// whose help has it.
std::string with_word(const std::string& word) {
  std::string text;
  for (const Subcommand& subcommand : subcommands()) {
    for (const CommandFlag& flag : subcommand.flags) {
      if (stem(flag.name) != word) continue;
      text += "bearer-proxy " + std::string(subcommand.name) + ":\n";
      append_wrapped(text, "  " + title(flag), flag.help);
    }
  }
  for (const bool in_name : {true, false}) {
    for (const Option& option : option_table()) {
      if (!is_listed(option) || !has_word(in_name ? option.name : option.help, word)) continue;
      append_option(text, option);
    }
    if (!text.empty()) break;
  }
  return text;
}

/// The part of the program's help about `topic`; empty if there is none.
std::string about(std::string_view topic) {
  while (topic.starts_with('-')) topic.remove_prefix(1);
  if (topic.empty()) return {};
  const std::string word = stem(topic);
  std::string text;
  for (const Heading& heading : headings()) {
    if (stem(topic_of(heading)) == word) append_group(text, heading);
  }
  std::string name(topic);
  std::ranges::replace(name, '_', '-');
  const Option* option = find_option(name);
  if (text.empty() && option != nullptr && is_listed(*option)) append_option(text, *option);
  if (word == "env" || word == "environment" || word == "variable") text = rules();
  if (text.empty() || word == "env") text += with_word(word);
  return text.substr(text.starts_with('\n') ? 1 : 0);
}

/// Searches topics, commands and settings.
std::string nearest_topic(std::string_view word) {
  std::vector<std::string> known;
  for (const Heading& heading : headings()) known.push_back(topic_of(heading));
  for (const Subcommand& subcommand : subcommands()) known.emplace_back(subcommand.name);
  for (const Option& option : option_table()) {
    if (is_listed(option)) known.emplace_back(option.name);
  }
  return did_you_mean(word, known);
}

/// Appends the text for one command alone.
void append_own(std::string& text, const Subcommand& subcommand) {
  append_wrapped(text, "Its own defaults:", own_defaults(subcommand));
  for (const CommandFlag& flag : subcommand.flags) {
    append_wrapped(text, "  " + title(flag), flag.help);
  }
}

std::string commands() {
  std::string text = "\nCommands:\n";
  for (const Subcommand& subcommand : subcommands()) {
    append_wrapped(text, "  " + std::string(subcommand.name), subcommand.help);
  }
  append_wrapped(text, "  help [TOPIC]", "all of this, or what it says of one topic");
  append_wrapped(text, "  version", "what --version prints");
  return text;
}

std::string of_command(const Subcommand& subcommand) {
  std::string text;
  append_wrapped(text, "bearer-proxy " + std::string(subcommand.name) + ":", subcommand.help, 0);
  text += "\nUsage: bearer-proxy " + std::string(subcommand.name) + " [settings]";
  if (!subcommand.operands.empty()) text += " " + std::string(subcommand.operands);
  text += "\n\n";
  append_own(text, subcommand);
  append_wrapped(text, "Exit status:", subcommand.exit_statuses);
  append_wrapped(text, "Settings:", "bearer-proxy --help lists them all");
  return text;
}

}  // namespace

std::string help(std::string_view command, std::string_view topic) {
  if (const Subcommand* subcommand = find_subcommand(command)) return of_command(*subcommand);
  if (std::string part = about(topic); !part.empty()) return part;
  std::string text =
      "bearer-proxy adds a bearer token to HTTP requests, keeps it fresh, and retries.\n\n"
      "Usage: bearer-proxy [COMMAND] [settings]\n"
      "       bearer-proxy help [TOPIC] | COMMAND --help | --version\n";
  text.append(kExamples);
  return text + commands() + topics() + rules() + settings();
}

std::string no_help_on(std::string_view topic) {
  if (topic.empty() || !about(topic).empty()) return {};
  return "there is no help on " + base::printable(topic, 60) + nearest_topic(topic) +
         "; topics: " + list_of_topics();
}

}  // namespace bearer::config
