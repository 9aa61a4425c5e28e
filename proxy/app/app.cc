#include "app/app.h"

#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "app/check_command.h"
#include "app/hardening.h"
#include "app/serve.h"
#include "app/token_command.h"
#include "base/log.h"
#include "base/text.h"
#include "config/command_line.h"
#include "token/factory.h"

namespace bearer::app {
namespace {

base::Result<token::Fetched> fetch(const token::CredentialOptions& options) {
  return token::fetch_once(options);
}

base::Result<ProbeAnswer> probe_now(const relay::RouteOptions& route, const base::Secret& token) {
  return probe(route, token);
}

int print(const std::string& text) {
  std::cout << text << std::flush;
  return std::cout ? kFine : kRuntimeFailure;
}

int dispatch(config::Command command) {
  base::configure_log(command.settings.log);
  switch (command.verb) {
    case config::Verb::help: return print(command.help);
    case config::Verb::version: return print("bearer-proxy " BEARER_VERSION "\n");
    case config::Verb::token: return print_token(command.settings, fetch);
    case config::Verb::check:
      return check(command.settings, {fetch, probe_now, base::system_clock()}, std::cout);
    case config::Verb::serve: return serve(std::move(command.settings));
  }
  return kUsageError;
}

void print_errors(std::string_view lines) {
  while (!lines.empty()) {
    std::cerr << "bearer-proxy: " << base::take_until(lines, '\n') << '\n';
  }
  std::cerr << "bearer-proxy --help lists commands and settings\n";
}

}  // namespace

int run(int argc, char** argv) {
  hold_standard_streams();
  harden();
  const int first = argc > 0 ? 1 : 0;
  const std::vector<std::string> arguments(argv + first, argv + argc);
  try {
    return dispatch(
        config::parse_command_line(arguments, config::process_environment(), config::real_files()));
  } catch (const config::ConfigError& error) {
    print_errors(error.what());
    return kUsageError;
  } catch (const std::exception& error) {
    std::cerr << "bearer-proxy: " << error.what() << '\n';
    return kRuntimeFailure;
  }
}

}  // namespace bearer::app
