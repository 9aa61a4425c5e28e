// From everything that was written, wherever it was written, to the Settings.
//
// Precedence: flag, environment, config file, preset, default. The keys of an entry of
// `credentials` or `routes` are about that entry alone and so win over all of these: a flat
// setting, also one of a flag, is the default of each entry.
#pragma once

#include "config/environment.h"
#include "config/file.h"
#include "config/files.h"
#include "config/settings.h"
#include "config/subcommand.h"
#include "config/values.h"

namespace bearer::config {

/// The defaults of the table, but where the command has its own.
Values default_values(const Subcommand& command);

/// Reads flags, environment and config file; each wins over those behind it.
FileSettings read_all(const Values& flags, const Environment& environment, const Files& files,
                      ConfigErrors& problems);

/// The configuration as it takes effect: what is left once flags, environment, file, preset and
/// defaults were laid over one another.
struct EffectiveValues {
  Values global;
  std::vector<Block> credentials, routes;  ///< each with what it inherits; of a route, `name` is
                                           ///< its credential's
};

/// A line for each value: the setting, the value, and where it comes from, which is a flag, a
/// variable, a key of the file, a preset or the default. A secret is only said to be set.
std::string effective_text(const EffectiveValues& values);

struct Loaded {
  Settings settings;
  EffectiveValues values;  ///< what they were made of
};

/// Throws a ConfigError that names everything that is wrong. For `token` a route may go without an
/// upstream: what only gets tokens needs none.
Loaded load(const Values& flags, const Environment& environment, const Files& files,
            const Subcommand& command);

}  // namespace bearer::config
