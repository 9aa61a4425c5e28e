// Finds secrets that others can read.
#pragma once

#include "config/settings.h"

namespace bearer::app {

/// Logs which secret files every user of this machine can read, and the config file if it holds a
/// secret itself.
void warn_of_open_secret_files(const config::Settings& settings);

}  // namespace bearer::app
