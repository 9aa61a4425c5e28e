// Shows a setting to a person: in --help, in the manual page, in completions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/option_table.h"
#include "config/subcommand.h"

namespace bearer::config {

struct Heading {
  Group group;
  std::string_view text;
};
/// The headings of all groups, in order.
std::span<const Heading> headings();

/// `--scope S`, or the other spelling of a setting without a flag.
std::string title(const Option& option);
/// `--wait D`, `--live`.
std::string title(const CommandFlag& flag);

/// `120s`, `off`; empty if there is none.
std::string default_value(const Option& option);

/// `[120s] BEARER_PROXY_REFRESH_MARGIN, refresh_margin`: the default and the other spellings.
std::string spellings(const Option& option);

/// Explains which spelling of a setting wins, and how durations and sizes are written.
std::string_view precedence();

/// `listen 127.0.0.1:0, admin off`: the command's defaults that differ from the settings'.
std::string own_defaults(const Subcommand& command);

/// False for a key of `routes` alone, which is in no list of settings.
inline bool is_listed(const Option& option) {
  return option.spellings != kRouteKey;
}

}  // namespace bearer::config
