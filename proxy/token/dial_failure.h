// Why there is no connection to the token endpoint, in words that name the setting to look at.
#pragma once

#include "base/result.h"
#include "token/endpoint.h"
#include "token/failure.h"

namespace bearer::token {

/// `error` is a net::Dialer's or a net::TlsContext's. Always token_unreachable: tried again.
Failure dial_failure(const EndpointOptions& options, const base::Error& error);

}  // namespace bearer::token
