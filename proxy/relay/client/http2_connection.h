// Serves a client's HTTP/2 connection: each of its streams becomes a client of its own, which is
// served as an HTTP/1.1 connection is.
#pragma once

#include "net/task.h"
#include "relay/client/request_reader.h"
#include "relay/downstream.h"

namespace bearer::relay {

/// True if the connection's first head is the beginning of HTTP/2 with prior knowledge (RFC 9113
/// section 3.4).
bool begins_http2(const Downstream& client, const RequestHeadRead& head_read);

/// Serves the connection until either side ends it. REQUIRES: begins_http2(), with client.in as it
/// was then. The client outlives the task; the streams' clients may outlive both.
net::Task<void> serve_http2(Downstream& client);

}  // namespace bearer::relay
