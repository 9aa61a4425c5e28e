// A configuration: arguments, a line each, then the file, which begins with the first `{`.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "config/command_line.h"
#include "tests/fuzz/target.h"

namespace bearer::fuzz {
namespace {

using config::Command;
using config::Environment;

constexpr std::string_view kSecret = "a-secret-of-nobody";

struct Outcome {
  std::optional<Command> command;
  std::string errors;
};

const Environment& environment() {
  static const Environment variables{{"BEARER_PROXY_CLIENT_SECRET", std::string(kSecret)},
                                     {"CRM_SECRET", std::string(kSecret)}};
  return variables;
}

/// Files of no machine.
config::Files files(std::string_view document) {
  const auto content = [document](const std::string& path) -> std::optional<std::string> {
    if (path == "b.json") return std::string(document);
    if (path == "secret") return std::string(kSecret);
    return std::nullopt;
  };
  return {[content](const std::string& path) -> base::Result<std::string> {
            if (auto text = content(path)) return *std::move(text);
            return base::Error{base::Errc::file_unreadable, "no such file or directory"};
          },
          [content](const std::string& path) -> std::string {
            return content(path) ? "" : "no such file or directory";
          }};
}

/// Any other exception ends the program.
Outcome load(const std::vector<std::string>& arguments, std::string_view document) {
  try {
    return {config::parse_command_line(arguments, environment(), files(document)), {}};
  } catch (const config::ConfigError& error) {
    return {std::nullopt, error.what()};
  }
}

void check_errors(std::string_view errors) {
  check(!errors.empty(), "what is wrong is said");
  check(errors.find(kSecret) == std::string_view::npos, "no secret is shown");
  check(!errors.ends_with('\n') && errors.find("\n\n") == std::string_view::npos,
        "each sentence has its line");
}

void check_settings(const config::Settings& settings, bool upstream_needed) {
  check(!settings.listen.empty() && !settings.routes.empty(), "a configuration has what it needs");
  for (const relay::RouteOptions& route : settings.routes) {
    check(route.path.starts_with('/'), "a route's path is one");
    check(!upstream_needed || !route.upstream.host.empty(), "a route leads somewhere");
    check(std::ranges::any_of(settings.credentials,
                              [&](const auto& one) { return one.name == route.credential; }),
          "a route's credential exists");
    check(route.retry.max_retries >= 0 && route.retry.window >= base::Duration::zero(),
          "nothing is negative");
  }
}

void run(std::string_view bytes) {
  if (bytes.find(kSecret) != std::string_view::npos) return;  // its own sender shows it
  const std::size_t begin = std::min(bytes.find('{'), bytes.size());
  std::string_view lines = bytes.substr(0, begin);
  const std::string_view document = bytes.substr(begin);
  std::vector<std::string> arguments;
  while (!lines.empty()) arguments.emplace_back(base::take_until(lines, '\n'));
  if (!document.empty()) arguments.insert(arguments.end(), {"--config", "b.json"});

  const Outcome outcome = load(arguments, document);
  const Outcome again = load(arguments, document);
  check(outcome.errors == again.errors, "the same configuration has the same faults");
  if (!outcome.command) return check_errors(outcome.errors);
  const config::Verb verb = outcome.command->verb;
  if (verb == config::Verb::help || verb == config::Verb::version) return;
  check_settings(outcome.command->settings, verb != config::Verb::token);
  check(outcome.command->settings.routes == again.command->settings.routes,
        "the same configuration means the same");
}

const Registration registration("config", run);

}  // namespace
}  // namespace bearer::fuzz
