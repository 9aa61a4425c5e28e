// Serves clients: the request path, from a client's connection to its last answer.
#pragma once

#include "net/task.h"
#include "relay/downstream.h"

namespace bearer::relay {

/// Serves one connection, request after request, until either side ends it. The client outlives the
/// task.
net::Task<void> serve(Downstream& client);

}  // namespace bearer::relay
