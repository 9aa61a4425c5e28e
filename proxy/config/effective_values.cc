#include "config/effective_values.h"

#include <algorithm>

namespace bearer::config {
namespace {

constexpr std::size_t kNameColumns = 24;

/// Where the values of a block are about: what else stands in it was only inherited.
bool belongs(const Option& option, Scope scope) {
  if (option.spellings == kRouteKey) return scope == kRoute;
  return scope == kGlobal ? option.scope == kGlobal : (option.scope & scope) != 0;
}

std::string joined(const Option& option, const Value& value) {
  if (option.name == "client-secret-env") return "set";
  std::string list;
  for (const std::string& text : value.texts) {
    list += (list.empty() ? "" : ", ") + without_secret(option, text);
  }
  return list;
}

/// `file` is the configuration's name: its values are told by their keys, too.
std::string origin(const Option& option, const Value& value, const std::string& file) {
  if (value.by != By::person || file.empty() || value.source != file) return value.source;
  return file + ": " + setting_name(option, value.block);
}

void append(std::string& text, const Values& values, Scope scope, const std::string& file) {
  for (const Option& option : option_table()) {
    const auto found = values.find(option.name);
    if (found == values.end() || !belongs(option, scope)) continue;
    std::string line = "  " + option.key();
    line.resize(std::max(line.size(), kNameColumns), ' ');
    text += line + " = " + joined(option, found->second) + "  (" +
            origin(option, found->second, file) + ")\n";
  }
}

}  // namespace

std::string effective_text(const EffectiveValues& values) {
  const auto config = values.global.find("config");
  const std::string file = config == values.global.end() ? "" : config->second.texts.front();
  std::string text = "the program as a whole\n";
  append(text, values.global, kGlobal, file);
  for (const Block& credential : values.credentials) {
    text += "credential " + credential.name + "\n";
    append(text, credential.values, kCredential, file);
  }
  for (const Block& route : values.routes) {
    const auto host = route.values.find("host");
    text += "route " + (host == route.values.end() ? "" : host->second.texts.front()) +
            route.values.at("path").texts.front() + ", credential " + route.name + "\n";
    append(text, route.values, kRoute, file);
  }
  return text;
}

}  // namespace bearer::config
