// Opens a connection to a server through an egress proxy.
#pragma once

#include <string>

#include "base/result.h"
#include "net/egress.h"
#include "net/stream.h"
#include "net/task.h"
#include "net/wait.h"

namespace bearer::net {

/// Asks the proxy at the other end of `stream` for a tunnel (RFC 9110 section 9.3.6). Afterwards
/// the stream is the target's. `target` is `host:port`. Errc: connect_refused, with the status that
/// the proxy answered, or if it spoke no HTTP or hung up; connect_timeout, client_left.
Task<base::Result<void>> open_tunnel(Stream& stream, Wait wait, const EgressProxy& proxy,
                                     const std::string& target);

}  // namespace bearer::net
