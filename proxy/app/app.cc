#include "app/app.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "app/check_command.h"
#include "app/exec_command.h"
#include "app/exit_status.h"
#include "app/health_check.h"
#include "app/named_users.h"
#include "app/open_secret_files.h"
#include "app/process.h"
#include "app/serve.h"
#include "app/signals.h"
#include "app/token_command.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/command_line.h"
#include "config/subcommand.h"
#include "relay/service.h"
#include "relay/telemetry/log_file.h"
#include "token/dpop/key_binding.h"
#include "token/oauth/given_files.h"
#include "token/refresh/factory.h"
#include "token/store/store_factory.h"

namespace bearer::app {
namespace {

base::Result<UpstreamAnswer> ask_upstream(const relay::RouteOptions& route,
                                          const token::Fetched& token) {
  return check_upstream(route, token);
}

/// By C's stream: C++'s would set up all of its locales at each start, whatever the command.
int print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return std::fflush(stdout) == 0 && written ? kFine : kRuntimeFailure;
}

/// Checks what the settings alone do not show.
config::Settings checked(config::Settings settings) {
  for (const token::CredentialOptions& options : settings.credentials) {
    for (const auto check : {token::check_store, token::check_certificates, token::check_binding,
                             token::check_given_files}) {
      const base::Result<void> usable = check(options);
      if (!usable) throw config::ConfigError(usable.error().sentence());
    }
  }
  for (const relay::RouteOptions& route : settings.routes) {
    const base::Result<void> usable = relay::check_certificates(route);
    if (!usable) throw config::ConfigError(usable.error().sentence());
  }
  return settings;
}

void check_access_log(const relay::ServiceOptions& service) {
  if (service.access_log.empty()) return;
  const base::Result<void> usable = relay::check_log_file(service.access_log);
  if (!usable) throw config::ConfigError(usable.error().sentence());
}

int check_online(const config::Settings& settings, const FetchToken& fetch) {
  bool written = true;
  const int status = check(settings, {fetch, ask_upstream, base::system_clock()},
                           [&](const std::string& line) { written &= print(line) == kFine; });
  if (written) return status;
  base::say("the report cannot be written to stdout");
  return status == kFine ? kRuntimeFailure : status;
}

int dispatch(config::Command command, const ReadSettings& read_again, const InheritedState& found) {
  base::configure_log(command.settings.log);
  base::tell_of_no_memory();
  const auto fetch = [&command](const token::CredentialOptions& options) {
    return fetch_token(options, token_wait(command.settings, options.name));
  };
  switch (command.verb) {
    case config::Verb::help: return print(command.help);
    case config::Verb::version: return print("bearer-proxy " BEARER_VERSION "\n");
    case config::Verb::token: return print_token(command.settings, command.credential, fetch);
    case config::Verb::check:
      check_named_users(command.settings);
      check_access_log(command.settings.service);
      if (!command.effective.empty()) return print(command.effective);
      warn_of_open_secret_files(command.settings);
      return check_online(command.settings, fetch);
    case config::Verb::healthcheck: return health_check(command.health_question);
    case config::Verb::exec:
      command.settings = for_own_user(std::move(command.settings));
      check_named_users(command.settings);
      warn_of_open_secret_files(command.settings);
      return exec(command, found);
    case config::Verb::serve: return serve(std::move(command.settings), read_again);
  }
  return kUsageError;
}

/// True if no argument names a command other than `serve`, not even as the value of a flag.
bool only_serves(const std::vector<std::string>& arguments) {
  return std::ranges::none_of(arguments, [](const std::string& argument) {
    const config::Subcommand* named = config::find_subcommand(argument);
    return named != nullptr && named->verb != config::Verb::serve;
  });
}

void print_errors(std::string_view lines) {
  while (!lines.empty()) base::say(base::take_until(lines, '\n'));
  base::say("bearer-proxy --help lists commands and settings");
}

/// If a thread cannot be made, the exception says only "Resource temporarily unavailable" or
/// "Operation not permitted". Nothing else of ours throws these codes.
std::string reason_of(const std::system_error& error) {
  if (error.code() == std::errc::operation_not_permitted) {
    return std::string("a thread was refused (") + error.what() +
           "): a sandbox forbids it, mostly a seccomp profile that does not know clone3; update "
           "the "
           "container runtime (Docker before 20.10.10 is known for it)";
  }
  if (error.code() != std::errc::resource_unavailable_try_again) return error.what();
  return std::string("no further thread can be made (") + error.what() +
         "): check the limits on threads (ulimit -u, systemd's TasksMax) and memory";
}

}  // namespace

int run(int argc, char** argv) {
  const InheritedState found = InheritedState::note();
  hold_standard_streams();
  harden();
  const int first = argc > 0 ? 1 : 0;
  const std::vector<std::string> arguments(argv + first, argv + argc);
  if (only_serves(arguments)) {
    Signals::end_process_on({SIGTERM, SIGINT});
    Signals::block({SIGHUP});  // SIGHUP would read again what is being read
  }
  const auto read = [&arguments] {
    config::Command command =
        config::parse_command_line(arguments, config::process_environment(), config::real_files());
    command.settings = checked(std::move(command.settings));
    return command;
  };
  try {
    return dispatch(
        read(), [&read] { return read().settings; }, found);
  } catch (const config::ConfigError& error) {
    print_errors(error.what());
    return kUsageError;
  } catch (const std::system_error& error) {
    base::say(reason_of(error));
    return kRuntimeFailure;
  } catch (const std::exception& error) {
    base::say(error.what());
    return kRuntimeFailure;
  }
}

}  // namespace bearer::app
