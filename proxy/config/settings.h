// The whole configuration, checked: what the parts are built from.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/log.h"
#include "net/address.h"
#include "relay/options.h"
#include "token/credential.h"

namespace bearer::config {

struct Settings {
  std::vector<net::Address> listen;
  std::optional<net::Address> admin;  ///< nullopt: off
  bool allow_remote = false;          ///< addresses may be others than loopback's
  relay::ServiceOptions service;
  std::vector<relay::RouteOptions> routes;            ///< at least one
  std::vector<token::CredentialOptions> credentials;  ///< each named by a route, names unique
  base::LogOptions log;
  /// Environment variables that hold, or may hold, a secret of these settings.
  std::vector<std::string> secret_variables;
};

/// A configuration that cannot be used. what() is for the person who must mend it: the setting, the
/// value (never a secret's), where it came from, and what to do. The process exits with 2.
struct ConfigError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace bearer::config
