#include "config/subcommand.h"

#include <algorithm>

namespace bearer::config {
namespace {

constexpr Subcommand kSubcommands[] = {
    {"serve", Verb::serve, "run the proxy until SIGINT or SIGTERM (the default)",
     "0 after a clean drain, 1 runtime failure, 2 usage or configuration error"},
    {"token", Verb::token, "print one valid access token and nothing else",
     "0 fine, 2 usage or configuration error, 3 no token could be had"},
    {"check", Verb::check, "try configuration, token endpoint and upstream, step by step",
     "0 fine, 2 usage or configuration error, 3 no token could be had, 4 upstream not reached"},
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
