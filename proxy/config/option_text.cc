#include "config/option_text.h"

namespace bearer::config {
namespace {

constexpr Heading kHeadings[] = {
    {Group::general, "General"},   {Group::clients, "Clients"},
    {Group::upstream, "Upstream"}, {Group::credential, "Credential and token"},
    {Group::retries, "Retries"},   {Group::limits, "Limits"},
    {Group::log, "Logs"},
};

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
    case Kind::user: return "UID";
    case Kind::share: return "RATIO";
    case Kind::text:
    case Kind::choice: return "TEXT";
  }
  return "";
}

}  // namespace

std::span<const Heading> headings() {
  return kHeadings;
}

std::string title(const Option& option) {
  if (option.can_be(kFlag)) {
    const std::string_view value = placeholder(option);
    return option.flag() + (value.empty() ? "" : " " + std::string(value));
  }
  return option.can_be(kEnvironment) ? option.environment() : option.key();
}

std::string title(const CommandFlag& flag) {
  const std::string value(flag.placeholder);
  return "--" + std::string(flag.name) + (value.empty() ? "" : " " + value);
}

std::string default_value(const Option& option) {
  if (option.kind == Kind::boolean) return option.default_text == "true" ? "on" : "off";
  return std::string(option.default_text);
}

std::string spellings(const Option& option) {
  const std::string value = default_value(option);
  std::string line = value.empty() ? "" : "[" + value + "] ";
  if (option.spellings == kEnvironment) return "only in the environment";
  if (option.spellings == kKey) return "only as a config key";
  line += option.environment();
  if (option.can_be(kKey)) line += ", " + option.key();
  if (option.repeats != Repeats::no) line += " (repeatable)";
  return line;
}

std::string_view precedence() {
  return "Each setting has one name in three spellings: the flag --token-url, the environment "
         "variable BEARER_PROXY_TOKEN_URL, the config key token_url. A "
         "flag wins over the environment, the environment over the config file, that over the "
         "preset and the default [in brackets]. Durations: 500ms, 120s, 2m, 1h. Sizes: 64KiB, "
         "10MiB, 1GiB.";
}

std::string own_defaults(const Subcommand& command) {
  std::string text;
  for (const auto& [setting, value] : command.defaults) {
    text += (text.empty() ? "" : ", ") + std::string(setting) + " " + std::string(value);
  }
  return text;
}

}  // namespace bearer::config
