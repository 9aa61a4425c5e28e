// --allow-uid, which speaks of unix sockets alone.
#pragma once

#include "config/settings.h"

namespace bearer::app {

/// Throws a ConfigError where users are named and no unix socket is there to tell them apart. Where
/// ports are there beside one, says in the log that these are open to every user.
void check_named_users(const config::Settings& settings);

}  // namespace bearer::app
