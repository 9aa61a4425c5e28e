// The request path: from a client's connection to its last answer.
#pragma once

#include "net/task.h"
#include "relay/client.h"

namespace bearer::relay {

/// Serves one connection, request after request, until either side ends it. The client outlives the
/// task.
net::Task<void> serve(Client& client);

}  // namespace bearer::relay
