// Makes the Settings from all that was written anywhere.
//
// Precedence: flag, environment, config file, preset, default. A key in an entry of `credentials`
// or `routes` is about that entry alone, and so wins over all of these. A flat setting, also a
// flag's, is the default of each entry.
#pragma once

#include "config/environment.h"
#include "config/file.h"
#include "config/files.h"
#include "config/settings.h"
#include "config/subcommand.h"
#include "config/values.h"

namespace bearer::config {

/// The defaults of the table, replaced by the command's own.
Values default_values(const Subcommand& command);

/// Reads flags, environment and config file. Each wins over those named after it.
FileSettings read_all(const Values& flags, const Environment& environment, const Files& files,
                      ConfigErrors& problems);

/// The configuration in force, after flags, environment, file, preset and defaults were combined.
struct EffectiveValues {
  Values global;
  std::vector<Block> credentials, routes;  ///< each with what it inherits; of a route, `name` is
                                           ///< its credential's
};

/// A line for each value: the setting, the value, and its origin: a flag, a variable, a key of the
/// file, a preset or the default. For a secret, the line says only that it is set.
std::string effective_text(const EffectiveValues& values);

struct Loaded {
  Settings settings;
  EffectiveValues values;  ///< the values that they were made of
  bool routes_written;     ///< false: a route of ours stands for those that nobody wrote
};

/// Throws a ConfigError that names all mistakes. For `token` a route may lack an upstream, and a
/// file of several credentials may lack routes, because a command that only gets tokens needs none.
Loaded load(const Values& flags, const Environment& environment, const Files& files,
            const Subcommand& command);

}  // namespace bearer::config
