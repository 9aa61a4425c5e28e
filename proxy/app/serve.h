// The command `serve`.
#pragma once

#include <functional>

#include "config/settings.h"

namespace bearer::app {

/// The configuration as it is written now; throws a ConfigError.
using ReadSettings = std::function<config::Settings()>;

/// Runs the proxy in the foreground until SIGINT or SIGTERM; answers with an exit status. SIGHUP
/// has it go by what `read_again` gives, SIGUSR1 has it open the access log again.
int serve(config::Settings settings, const ReadSettings& read_again);

}  // namespace bearer::app
