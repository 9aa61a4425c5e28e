// Explains why a server's certificate is not trusted: whose it is, its names, when it ends.
#pragma once

#include <openssl/ssl.h>

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace bearer::net {

/// `verdict` is one of X509_V_ERR_*, about `certificate`, which may be null; `server` is the name
/// or address that was asked for. Errc::tls_certificate_untrusted, with a fix if that does not
/// depend on the settings. Only printable ASCII is taken from the certificate.
base::Error certificate_fault(const X509* certificate, long verdict, const std::string& server,
                              base::WallTime now);

/// True if `context` trusts no authority, which explains any verdict; see no_authorities().
bool trusts_nobody(SSL_CTX* context);
base::Error no_authorities();

}  // namespace bearer::net
