// The whole configuration, checked. The parts are built from it.
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/shared.h"
#include "net/address.h"
#include "relay/options.h"
#include "token/credential.h"

namespace bearer::config {

/// An upstream that comes with a token: the token endpoint's response names it, as Salesforce's
/// does. It applies to the credential's routes for which no person wrote an upstream.
struct UpstreamFromToken {
  std::string credential;
  std::string attribute;             ///< the token's: see token::Attributes
  std::vector<std::string> domains;  ///< the provider's own: the API is in or below one of them
  std::vector<std::size_t> routes;   ///< by their indexes

  bool operator==(const UpstreamFromToken&) const = default;
};

struct Settings {
  std::vector<net::Address> listen;
  std::optional<net::Address> admin;  ///< nullopt: off
  bool allow_remote = false;          ///< addresses need not be loopback's
  bool any_user = false;              ///< any user of this machine was explicitly allowed
  relay::ServiceOptions service;
  base::SharedList<relay::RouteOptions> routes;            ///< at least one
  base::SharedList<token::CredentialOptions> credentials;  ///< each named by a route, names unique
  std::vector<UpstreamFromToken> upstreams_from_tokens;
  base::LogOptions log;
  /// Environment variables that hold, or may hold, a secret of these settings.
  std::vector<std::string> secret_variables;
  std::string config_file;                   ///< empty if there is none
  std::vector<std::string> secrets_in_file;  ///< its settings that hold a secret, for a person
};

/// A configuration that cannot be used. what() tells the person who must fix it the setting, the
/// value (never a secret's), its origin, and what to do. The process exits with 2.
struct ConfigError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace bearer::config
