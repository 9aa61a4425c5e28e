// The whole configuration, checked: what the parts are built from.
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/log.h"
#include "net/address.h"
#include "relay/options.h"
#include "token/credential.h"

namespace bearer::config {

/// An upstream that comes with a token: the answer of the token endpoint names it, as Salesforce's
/// does. It holds for the routes of the credential whose upstream no person wrote.
struct UpstreamFromToken {
  std::string credential;
  std::string attribute;             ///< of the token: token::Attributes
  std::vector<std::string> domains;  ///< the provider's own: the API is in one of them, or below
  std::vector<std::size_t> routes;   ///< by their places

  bool operator==(const UpstreamFromToken&) const = default;
};

struct Settings {
  std::vector<net::Address> listen;
  std::optional<net::Address> admin;  ///< nullopt: off
  bool allow_remote = false;          ///< addresses may be others than loopback's
  bool any_user = false;              ///< whoever wrote it means any user of this machine
  relay::ServiceOptions service;
  std::vector<relay::RouteOptions> routes;            ///< at least one
  std::vector<token::CredentialOptions> credentials;  ///< each named by a route, names unique
  std::vector<UpstreamFromToken> upstreams_from_tokens;
  base::LogOptions log;
  /// Environment variables that hold, or may hold, a secret of these settings.
  std::vector<std::string> secret_variables;
};

/// A configuration that cannot be used. what() is for the person who must fix it: the setting, the
/// value (never a secret's), where it came from, and what to do. The process exits with 2.
struct ConfigError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace bearer::config
