// A configuration of the test's own: arguments, environment and files, none of them the machine's.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/command_line.h"

namespace bearer::config {

struct Configuring {
  std::vector<std::string> arguments = {};
  Environment environment = {};
  std::map<std::string, std::string> files = {};

  Command parse() const {
    const Files fake{[this](const std::string& path) -> base::Result<std::string> {
                       const auto found = files.find(path);
                       if (found != files.end()) return found->second;
                       return base::Error{base::Errc::file_unreadable, "no such file"};
                     },
                     [this](const std::string& path) -> std::string {
                       return files.contains(path) ? "" : "no such file";
                     }};
    return parse_command_line(arguments, environment, fake);
  }

  Settings settings() const { return parse().settings; }

  /// Returns what the person is told; empty if nothing is wrong.
  std::string errors() const {
    try {
      parse();
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  }

  /// There is one error, and `subject` is what it is about: a setting, a flag, a file. How it is
  /// worded is asserted in sentences.golden.
  bool blames(std::string_view subject) const {
    const std::string said = errors();
    return said.starts_with(subject) && said.find('\n') == std::string::npos;
  }
};

/// The smallest configuration that is complete, to be changed by a test.
inline Configuring complete() {
  return {.arguments = {"--upstream", "https://api.example.com", "--token-url",
                        "https://login.example.com/token", "--client-id", "id"},
          .environment = {{"BEARER_PROXY_CLIENT_SECRET", "s3cret"}}};
}

inline Configuring complete_with(const std::vector<std::string>& more) {
  Configuring configuring = complete();
  configuring.arguments.insert(configuring.arguments.end(), more.begin(), more.end());
  return configuring;
}

/// Takes all settings but the secret from a file.
inline Configuring with_file(const std::string& json) {
  return {.arguments = {"--config", "b.json"},
          .environment = {{"BEARER_PROXY_CLIENT_SECRET", "s3cret"}},
          .files = {{"b.json", json}}};
}

}  // namespace bearer::config
