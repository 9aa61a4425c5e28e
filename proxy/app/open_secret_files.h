// Secrets that lie open.
#pragma once

#include "config/settings.h"

namespace bearer::app {

/// Says in the log which files of secrets every user of this machine can read.
void warn_of_open_secret_files(const config::Settings& settings);

}  // namespace bearer::app
