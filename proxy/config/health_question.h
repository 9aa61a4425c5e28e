// The question of `healthcheck`, and the address that it asks.
#pragma once

#include "base/clock.h"
#include "config/environment.h"
#include "config/files.h"
#include "config/flags.h"
#include "net/address.h"

namespace bearer::config {

struct HealthQuestion {
  net::Address admin;     ///< of the proxy that runs with these settings
  base::Duration wait{};  ///< ask until it is ready, at most that long; 0: once
  bool live = false;      ///< ask whether it lives, instead of whether it is ready
};

/// Reads no setting but `admin`: the check may run where the secret's file cannot be read. Throws a
/// ConfigError.
HealthQuestion read_health_question(const Flags& flags, const Environment& environment,
                                    const Files& files);

}  // namespace bearer::config
