// The command `healthcheck`.
#pragma once

#include <string>

#include "config/health_question.h"

namespace bearer::app {

/// Asks the admin port's /readyz on the calling thread. Empty if the proxy is ready; else why it is
/// not, or why there was no answer within `patience`.
std::string why_not_ready(const net::Address& admin, base::Duration patience);

/// 0 if it is ready, else 1 with the reason on stderr.
int health_check(const config::HealthQuestion& question);

}  // namespace bearer::app
