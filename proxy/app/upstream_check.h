// Sends one request to a route's upstream, to see whether it can be reached and takes the token.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "http/challenge.h"
#include "relay/options.h"
#include "token/fetcher.h"

namespace bearer::app {

struct UpstreamAnswer {
  int status = 0;
  std::optional<http::BearerChallenge> challenge = {};
  bool with_nonce = false;  ///< it asked for a DPoP proof with its nonce, and got one
  bool http2 = false;       ///< the request went over HTTP/2
  bool wants_tls = false;   ///< it was asked in plain http, and speaks TLS on that port
};

/// Sends a GET for the upstream's base path, with the same dialer as the proxy's, over HTTP/2 if
/// the route may use that and the upstream takes it, on the calling thread, within connect_timeout
/// and response_timeout; a second time if a proof lacked the server's nonce. Errors: the Dialer's,
/// file_unreadable, connection_lost, response_timeout, response_malformed.
base::Result<UpstreamAnswer> check_upstream(const relay::RouteOptions& route,
                                            const token::Fetched& token,
                                            const base::Clock& clock = base::system_clock());

}  // namespace bearer::app
