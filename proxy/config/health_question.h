// The question of `healthcheck`, and the address that it goes to.
#pragma once

#include "base/clock.h"
#include "config/environment.h"
#include "config/files.h"
#include "config/flags.h"
#include "net/address.h"

namespace bearer::config {

struct HealthQuestion {
  net::Address admin;     ///< the admin address of the proxy with these settings
  base::Duration wait{};  ///< ask until it is ready, for this long at most; 0: once
  bool live = false;      ///< ask whether it lives, instead of whether it is ready
};

/// Reads no setting except `admin`, because the check may run where the secret's file cannot be
/// read. Throws a ConfigError.
HealthQuestion read_health_question(const Flags& flags, const Environment& environment,
                                    const Files& files);

}  // namespace bearer::config
