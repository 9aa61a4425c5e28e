// From everything that was written, wherever it was written, to the Settings.
//
// Precedence: flag, environment, config file, preset, default. The keys of an entry of
// `credentials` or `routes` are about that entry alone and so win over all of these: a flat
// setting, also one of a flag, is the default of each entry.
#pragma once

#include "config/environment.h"
#include "config/files.h"
#include "config/settings.h"
#include "config/values.h"

namespace bearer::config {

/// Whether a route may go without an upstream: what only gets tokens needs none.
enum class Upstream { required, optional };

/// Throws a ConfigError that names everything that is wrong.
Settings load(const Values& flags, const Environment& environment, const Files& files,
              Upstream upstream = Upstream::required);

}  // namespace bearer::config
