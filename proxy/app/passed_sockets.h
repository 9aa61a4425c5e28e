// Sockets that were opened for us: systemd's socket activation, sd_listen_fds(3).
#pragma once

#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "net/address.h"
#include "net/listener.h"

namespace bearer::app {

/// Takes over what LISTEN_FDS passes to this process, and takes the variables out of the
/// environment: they are not for a program that we start. Empty if there is nothing.
/// Errc::address_unusable where one is no listening stream socket. Called once, before anything
/// else is opened.
base::Result<std::vector<net::Listener>> take_passed_sockets();

std::vector<net::Address> addresses_of(const std::vector<net::Listener>& listeners);

/// `settings`, but with the `passed` addresses, if there are any, in place of `listen`. Throws a
/// ConfigError where one of them is reached from elsewhere and that is not allowed.
config::Settings listening_on(const std::vector<net::Address>& passed, config::Settings settings);

}  // namespace bearer::app
