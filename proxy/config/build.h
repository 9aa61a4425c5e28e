// Turns one block of values into the Options of the part that obeys them, and checks the values.
#pragma once

#include "config/config_errors.h"
#include "config/environment.h"
#include "config/file.h"
#include "config/files.h"
#include "config/settings.h"
#include "config/typed.h"
#include "net/egress.h"

namespace bearer::config {

/// The environment, files and permissions against which a block is checked.
struct Surroundings {
  const Environment& environment;
  const Files& files;
  bool insecure_http = false;
  bool upstream_needed = true;  ///< false: a route may lack one, and its Url stays empty
};

/// `block.values` includes what the block inherits. A value that cannot be used is a problem; the
/// result is of no use then.
token::CredentialOptions build_credential(const Block& block, const Surroundings& around,
                                          ConfigErrors& problems);
relay::RouteOptions build_route(const Block& block, const Surroundings& around,
                                ConfigErrors& problems);

/// Fills in where the token goes, and the fixed fields. REQUIRES: rewrite_body_links was read. A
/// problem: a field that the proxy writes itself, one that belongs to a single message, one given
/// twice, and a text that is not a field.
void read_own_fields(const Typed& typed, const Surroundings& around, relay::RouteOptions& options);

/// Fills in `listen`, `service` and `log`.
void build_service(const Values& values, const Surroundings& around, Settings& settings,
                   ConfigErrors& problems);

/// Fills in the grant, its files and its user. A problem: the grant needs something that is
/// missing, or a setting was given that only another grant uses.
void read_grant(const Typed& typed, const Surroundings& around, token::CredentialOptions& options);

/// Fills in all that external_account_file contains, if it is set: endpoint, grant, client and the
/// requests before it. REQUIRES: scope, timeouts and trust are filled in. A problem: a file of
/// another type or for servers other than Google's, and settings beside it for what it contains
/// itself.
void read_external_account(const Typed& typed, const Surroundings& around,
                           token::CredentialOptions& options);

/// Fills in id, method, secret, key and certificate. REQUIRES: the grant was read. A problem: the
/// method needs something that is missing or not available.
void read_client_auth(const Typed& typed, const Surroundings& around,
                      token::CredentialOptions& options);

/// Reads the files of the certificate for servers that ask for one: both or none. If a client_key
/// is only for signing, there is no certificate, and nothing is filled in.
void read_client_certificate(const Typed& typed, const Surroundings& around, std::string& cert_file,
                             std::string& key_file);

/// A problem: an unknown kind of store, a text that is not a Redis URL, a URL with a password on
/// the command line, and a key file that is missing or unusable.
token::StoreOptions read_store(const Typed& typed, const Surroundings& around);

/// Reads the setting, else HTTPS_PROXY from the environment if the server speaks TLS; and NO_PROXY.
/// Each variable may have either case; the lower one comes first.
net::EgressOptions read_egress(const Typed& typed, const Surroundings& around, bool tls);

/// The variable that names the egress proxy, as a value of `egress-proxy` that says where it comes
/// from; nullopt if there is none.
std::optional<Value> egress_of_environment(const Environment& environment);

}  // namespace bearer::config
