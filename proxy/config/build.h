// From one block of values to the Options of the part that obeys them, checked on the way.
#pragma once

#include "config/config_errors.h"
#include "config/environment.h"
#include "config/file.h"
#include "config/files.h"
#include "config/settings.h"
#include "config/typed.h"
#include "net/egress.h"

namespace bearer::config {

/// A block is checked against this, beside itself.
struct Surroundings {
  const Environment& environment;
  const Files& files;
  bool insecure_http = false;
  bool upstream_needed = true;  ///< false: a route may go without, and its Url stays empty
};

/// `block.values` holds what the block inherits, too. What cannot be used is a problem; the result
/// is of no use then.
token::CredentialOptions build_credential(const Block& block, const Surroundings& around,
                                          ConfigErrors& problems);
relay::RouteOptions build_route(const Block& block, const Surroundings& around,
                                ConfigErrors& problems);

/// Fills in where the token goes, and the fixed fields. REQUIRES: rewrite_body_links was read. A
/// problem: a field that the proxy writes
/// itself, one that belongs to a single message, one given twice, and what is no field.
void read_own_fields(const Typed& typed, const Surroundings& around, relay::RouteOptions& options);

/// Fills in `listen`, `service` and `log`.
void build_service(const Values& values, const Surroundings& around, Settings& settings,
                   ConfigErrors& problems);

/// Fills in the grant, its files and its user. A problem: what the grant needs is missing, or what
/// only another grant uses was given beside it.
void read_grant(const Typed& typed, const Surroundings& around, token::CredentialOptions& options);

/// Fills in all that external_account_file says, where it is set: endpoint, grant, client and the
/// requests before it. REQUIRES: scope, timeouts and trust are filled in. A problem: a file of
/// another type or for servers of others than Google, and what a person set beside it that it says
/// itself.
void read_external_account(const Typed& typed, const Surroundings& around,
                           token::CredentialOptions& options);

/// Fills in id, method, secret, key and certificate. REQUIRES: the grant was read. A problem: what
/// the method needs is missing, or cannot be had.
void read_client_auth(const Typed& typed, const Surroundings& around,
                      token::CredentialOptions& options);

/// Reads the files that we show to servers that ask for a certificate: both or none. A client_key
/// that is for signing only comes without a certificate: then nothing is filled in.
void read_client_certificate(const Typed& typed, const Surroundings& around, std::string& cert_file,
                             std::string& key_file);

/// A problem: no such kind of store, a URL of Redis that is none, one with a password on the
/// command line, and a key's file that is missing or of no use.
token::StoreOptions read_store(const Typed& typed, const Surroundings& around);

/// By the setting, else by HTTPS_PROXY of the environment where what is reached speaks TLS, and
/// NO_PROXY; each variable in either case, the lower one first.
net::EgressOptions read_egress(const Typed& typed, const Surroundings& around, bool tls);

}  // namespace bearer::config
