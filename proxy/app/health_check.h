// The command `healthcheck`.
#pragma once

#include <string>
#include <string_view>

#include "config/health_question.h"

namespace bearer::app {

/// Asks the admin port's `path` (`/readyz`, `/healthz`) on the calling thread. Empty if the answer
/// is a 200; else what it says, or why there was no answer within `patience`.
std::string why_not_well(const net::Address& admin, std::string_view path, base::Duration patience);

/// 0 if it is ready (or lives), else 1 with the reason on stderr.
int health_check(const config::HealthQuestion& question);

}  // namespace bearer::app
