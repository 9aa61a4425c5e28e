// This shows a setting to a person: in --help, in the manual page, in completions.
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

/// `--scope S`, or how else the setting is written where it has no flag.
std::string title(const Option& option);
/// `--wait D`, `--live`.
std::string title(const CommandFlag& flag);

/// `120s`, `off`; empty where there is none.
std::string default_value(const Option& option);

/// `[120s] BEARER_PROXY_REFRESH_MARGIN, refresh_margin`: the default and the other spellings.
std::string spellings(const Option& option);

/// Says which spelling of a setting wins, and how durations and sizes are written.
std::string_view precedence();

/// `listen 127.0.0.1:0, admin off`: the defaults that the command has in place of the settings'.
std::string own_defaults(const Subcommand& command);

/// A key of `routes` alone stands in no list of settings.
inline bool is_listed(const Option& option) {
  return option.spellings != kRouteKey;
}

}  // namespace bearer::config
