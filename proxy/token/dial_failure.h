// Why there is no connection to the token endpoint, in words that name the setting to look at.
#pragma once

#include "base/result.h"
#include "token/oauth/endpoint.h"

namespace bearer::token {

/// `error` is a net::Dialer's or a net::TlsContext's. token_unreachable, or file_unreadable
/// where it is our own certificate that cannot be used.
base::Error dial_failure(const EndpointOptions& options, const base::Error& error);

}  // namespace bearer::token
