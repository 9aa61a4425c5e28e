// The way out of a company's network.
#pragma once

#include "config/build.h"
#include "config/typed.h"
#include "net/egress.h"

namespace bearer::config {

/// By the setting, else by HTTPS_PROXY of the environment where what is reached speaks TLS, and
/// NO_PROXY; each variable in either case, the lower one first.
net::EgressOptions read_egress(const Typed& typed, const Surroundings& around, bool tls);

}  // namespace bearer::config
