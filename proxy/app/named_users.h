// --allow-uid: which users of this machine are served.
#pragma once

#include "config/settings.h"

namespace bearer::app {

/// Unless somebody wrote whom, has `exec` serve its own user, as whom its command runs, and root.
/// It serves any where the kernel does not tell the users of a port, and the log says so.
config::Settings for_own_user(config::Settings settings);

/// Throws a ConfigError where users are named and the kernel does not tell those of a port. Where
/// other machines reach an address, says in the log that their users are not told apart.
void check_named_users(const config::Settings& settings);

}  // namespace bearer::app
