// How a credential's client authenticates, and what it is made of.
#pragma once

#include "config/build.h"
#include "config/typed.h"

namespace bearer::config {

/// Fills in id, method, secret, key and certificate. REQUIRES: the grant was read. A problem: what
/// the method needs is missing, or cannot be had.
void read_client_auth(const Typed& typed, const Surroundings& around,
                      token::CredentialOptions& options);

/// What we show to servers that ask for a certificate: both files or none. Of a client_key that is
/// for signing only, the certificate is missing, and nothing is filled in.
void read_client_certificate(const Typed& typed, const Surroundings& around, std::string& cert_file,
                             std::string& key_file);

}  // namespace bearer::config
