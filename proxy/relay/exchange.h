// Serves clients: the request path, from a client's connection to its last answer.
#pragma once

#include "relay/downstream.h"
#include "wire/sessions.h"

namespace bearer::relay {

/// Serves one connection, request after request, until either side ends it. The client outlives the
/// task.
wire::SessionTask<Downstream> serve(Downstream& client);

}  // namespace bearer::relay
