// Why a server's certificate is not trusted: whose it is, which name it has, which day it ended.
#pragma once

#include <openssl/ssl.h>

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace bearer::net {

/// `verdict` is of X509_V_ERR_*, about `certificate`, which may be null; `server` is the name or
/// address that was asked for. Errc::tls_certificate_untrusted, with what to do where that does not
/// depend on the settings. Nothing but printable ASCII of the certificate is in it.
base::Error certificate_fault(const X509* certificate, long verdict, const std::string& server,
                              base::WallTime now);

/// The same for a `context` that trusts no authority at all, which explains any verdict.
bool trusts_nobody(SSL_CTX* context);
base::Error no_authorities();

}  // namespace bearer::net
