// The command `serve`.
#pragma once

#include "config/settings.h"

namespace bearer::app {

/// Runs the proxy in the foreground until SIGINT or SIGTERM; answers with an exit status.
int serve(config::Settings settings);

}  // namespace bearer::app
