// Takes over sockets that were opened for us: systemd's socket activation, sd_listen_fds(3).
#pragma once

#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "net/address.h"
#include "net/listener.h"

namespace bearer::app {

/// Takes over the sockets that LISTEN_FDS passes to this process, and removes the variables from
/// the environment, because they are not for a program that we start. Empty if there are none.
/// Errc::address_unusable if one is not a listening stream socket. Called once, before anything
/// else is opened.
base::Result<std::vector<net::Listener>> take_passed_sockets();

std::vector<net::Address> addresses_of(const std::vector<net::Listener>& listeners);

/// Returns `settings` with the `passed` addresses, if any, in place of `listen`. Throws a
/// ConfigError if other machines can reach one of them and that is not allowed.
config::Settings listening_on(const std::vector<net::Address>& passed, config::Settings settings);

}  // namespace bearer::app
