// The command `healthcheck`.
#pragma once

#include "config/health_question.h"

namespace bearer::app {

/// Asks the admin port's `/readyz` or `/healthz` on the calling thread, until it says yes or the
/// time is over. Returns 0 if the proxy is ready (or lives), else 1 with the reason on stderr.
int health_check(const config::HealthQuestion& question);

}  // namespace bearer::app
