// One request to a route's upstream, to see whether it can be reached and takes the token.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "http/challenge.h"
#include "relay/options.h"

namespace bearer::app {

struct ProbeAnswer {
  int status = 0;
  std::optional<http::BearerChallenge> challenge = {};
};

/// GET of the upstream's base path, by the same dialer as the proxy's, on the calling thread,
/// within connect_timeout and response_timeout. Errors: the Dialer's, file_unreadable,
/// connection_lost, response_timeout, response_malformed.
base::Result<ProbeAnswer> probe(const relay::RouteOptions& route, const base::Secret& token,
                                const base::Clock& clock = base::system_clock());

}  // namespace bearer::app
