// The connection that a request came on.
#pragma once

#include <string>

namespace bearer::sandbox {

/// Resets (TCP RST) the connection of ours whose two ends have these ports. Call it from the thread
/// that serves the connection: while it does, nobody else closes it. Bytes not sent yet are lost.
/// Throws std::runtime_error if there is no such connection.
void reset_connection(int local_port, int peer_port);

}  // namespace bearer::sandbox
