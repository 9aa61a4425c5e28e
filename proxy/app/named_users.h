// Decides which users of this machine are served (--allow-uid).
#pragma once

#include "config/settings.h"

namespace bearer::app {

/// If the setting is not given, `exec` serves its own user, as whom its command runs, and root. If
/// the kernel does not tell the users of a port, it serves any, and the log says so.
config::Settings for_own_user(config::Settings settings);

/// Throws a ConfigError if users are named and the kernel does not tell those of a port. If other
/// machines can reach an address, logs that their users are not told apart.
void check_named_users(const config::Settings& settings);

}  // namespace bearer::app
