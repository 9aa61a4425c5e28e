#include "config/help.h"

#include <algorithm>

#include "base/text.h"
#include "config/option_table.h"
#include "config/subcommand.h"

namespace bearer::config {
namespace {

struct Heading {
  Group group;
  std::string_view text;
};
constexpr Heading kHeadings[] = {
    {Group::general, "General"},   {Group::clients, "Clients"},
    {Group::upstream, "Upstream"}, {Group::credential, "Credential and token"},
    {Group::retries, "Retries"},   {Group::limits, "Limits"},
    {Group::log, "Logs"},
};

constexpr std::size_t kIndent = 28;
constexpr std::size_t kColumns = 100;

std::string_view placeholder(const Option& option) {
  if (!option.placeholder.empty()) return option.placeholder;
  switch (option.kind) {
    case Kind::boolean: return "";
    case Kind::count: return "N";
    case Kind::duration: return "D";
    case Kind::size: return "SIZE";
    case Kind::url: return "URL";
    case Kind::file: return "FILE";
    case Kind::address: return "ADDR";
    case Kind::statuses: return "LIST";
    case Kind::text:
    case Kind::choice: return "TEXT";
  }
  return "";
}

/// `--scope S`, or how else the setting is written where it has no flag.
std::string title(const Option& option) {
  if (option.can_be(kFlag)) {
    const std::string_view value = placeholder(option);
    return option.flag() + (value.empty() ? "" : " " + std::string(value));
  }
  return option.can_be(kEnvironment) ? option.environment() : option.key();
}

/// `[120s] BEARER_PROXY_REFRESH_MARGIN, refresh_margin`
std::string spellings(const Option& option) {
  const bool off = option.kind == Kind::boolean;
  std::string line;
  if (!option.default_text.empty()) {
    line = "[" + std::string(off ? "off" : option.default_text) + "] ";
  }
  if (option.spellings == kEnvironment) return "only in the environment";
  if (option.spellings == kKey) return "only as a config key";
  line += option.environment();
  if (option.can_be(kKey)) line += ", " + option.key();
  if (option.repeats != Repeats::no) line += " (repeatable)";
  return line;
}

/// `words` after what stands in `line`, broken where they would pass the last column.
void append_wrapped(std::string& text, std::string line, std::string_view words) {
  while (!words.empty()) {
    const std::string_view word = base::take_until(words, ' ');
    const bool first = line.size() <= kIndent;
    if (!first && line.size() + 1 + word.size() > kColumns) {
      text += line + "\n";
      line.clear();
    }
    line.resize(std::max(line.size(), kIndent), ' ');
    if (line.size() > kIndent) line += ' ';
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
  for (const Heading& heading : kHeadings) {
    text += "\n" + std::string(heading.text) + ":\n";
    for (const Option& option : option_table()) {
      const bool listed = option.spellings != kRouteKey;
      if (option.group == heading.group && listed) append_option(text, option);
    }
  }
  return text;
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

constexpr std::string_view kPrecedence =
    "\nEach setting has one name in three spellings: flag, environment variable, config key.\n"
    "A flag wins over the environment, the environment over the config file, that over the preset\n"
    "and the default [in brackets]. Durations: 500ms, 120s, 2m, 1h. Sizes: 64KiB, 10MiB, 1GiB.\n";

}  // namespace

std::string help(std::string_view command) {
  const Subcommand* subcommand = find_subcommand(command);
  if (subcommand == nullptr) {
    return "bearer-proxy adds a bearer token to HTTP requests, keeps it fresh, and retries.\n\n"
           "Usage: bearer-proxy [COMMAND] [settings]\n"
           "       bearer-proxy [COMMAND] --help | --version\n" +
           commands() + std::string(kPrecedence) + settings();
  }
  return "bearer-proxy " + std::string(command) + ": " + std::string(subcommand->help) +
         "\n\nUsage: bearer-proxy " + std::string(command) +
         " [settings]\n\nExit status: " + std::string(subcommand->exit_statuses) + "\n" +
         std::string(kPrecedence) + settings();
}

}  // namespace bearer::config
