// The command `serve`.
#pragma once

#include <functional>

#include "config/settings.h"

namespace bearer::app {

/// Reads the current configuration; throws a ConfigError.
using ReadSettings = std::function<config::Settings()>;

/// Runs the proxy in the foreground until SIGINT or SIGTERM. Returns an exit status. SIGHUP applies
/// the result of `read_again`; SIGUSR1 reopens the access log.
int serve(config::Settings settings, const ReadSettings& read_again);

}  // namespace bearer::app
