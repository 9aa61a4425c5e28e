#include "config/subcommand.h"

#include <algorithm>

namespace bearer::config {
namespace {

constexpr CommandFlag kExecFlags[] = {
    {.name = "env",
     .placeholder = "NAME",
     .help =
         "a further environment variable of COMMAND that holds the proxy's URL, such as the one "
         "by which it is told the API's address (repeatable)",
     .repeats = true},
};

// Many can run at a time, and COMMAND's output on stderr stays readable.
constexpr CommandDefault kExecDefaults[] = {
    {"listen", "127.0.0.1:0"},
    {"admin", "off"},
    {"log-level", "warn"},
};

// A command that asks for one token keeps no request waiting.
constexpr CommandDefault kSingleFetchDefaults[] = {
    {"token-wait", "30s"},
};

constexpr CommandFlag kHealthcheckFlags[] = {
    {.name = "live",
     .placeholder = "",
     .help = "ask whether it lives (/healthz), with a token or without, instead of whether it is "
             "ready (/readyz)"},
    {.name = "wait", .placeholder = "D", .help = "ask until it is ready, at most that long"},
};

constexpr CommandFlag kCheckFlags[] = {
    {.name = "offline",
     .placeholder = "",
     .help = "read the configuration, ask nobody, and print each value as it takes effect, with "
             "where it comes from"},
};

constexpr CommandFlag kTokenFlags[] = {
    {.name = "credential",
     .placeholder = "NAME",
     .help = "the credential that the token is of, by its name in the config file's credentials, "
             "instead of the first route's"},
};

constexpr Subcommand kSubcommands[] = {
    {.name = "serve",
     .verb = Verb::serve,
     .help = "run the proxy until SIGINT or SIGTERM (the default)",
     .exit_statuses = "0 after a clean drain, 1 runtime failure, 2 usage or configuration error"},
    {.name = "exec",
     .verb = Verb::exec,
     .help = "run a command with BEARER_PROXY_URL set to a proxy of its own",
     .exit_statuses = "COMMAND's own, 128+N if signal N ended it, 126 or 127 if it cannot be run; "
                      "else 1 runtime failure, 2 usage or configuration error, 3 no token could be "
                      "had",
     .flags = kExecFlags,
     .defaults = kExecDefaults,
     .operands = "-- COMMAND [ARG...]"},
    {.name = "token",
     .verb = Verb::token,
     .help = "print one valid access token and nothing else",
     .exit_statuses = "0 fine, 2 usage or configuration error, 3 no token could be had",
     .flags = kTokenFlags,
     .defaults = kSingleFetchDefaults},
    {.name = "check",
     .verb = Verb::check,
     .help = "try configuration, token endpoint and upstream, step by step",
     .exit_statuses = "0 fine, 2 usage or configuration error, 3 no token could be had, 4 upstream "
                      "not reached, or it refused the request",
     .flags = kCheckFlags,
     .defaults = kSingleFetchDefaults},
    {.name = "healthcheck",
     .verb = Verb::healthcheck,
     .help = "ask the proxy that runs with these settings whether it is ready",
     .exit_statuses =
         "0 it is ready (or lives), 1 it is not, or is not there, 2 usage or configuration error",
     .flags = kHealthcheckFlags},
};

}  // namespace

std::span<const Subcommand> subcommands() {
  return kSubcommands;
}

const Subcommand* find_subcommand(std::string_view name) {
  const auto* found = std::ranges::find(kSubcommands, name, &Subcommand::name);
  return found == std::end(kSubcommands) ? nullptr : found;
}

}  // namespace bearer::config
