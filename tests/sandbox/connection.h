// The connection that a request came on.
#pragma once

#include <string>

namespace bearer::sandbox {

/// Resets (TCP RST) the connection of ours whose two ends have these ports. Call it from the thread
/// that serves the connection: while it does, nobody else closes it. Bytes not sent yet are lost.
/// Throws std::runtime_error if there is no such connection.
void reset_connection(int local_port, int peer_port);

/// Waits until the other end's kernel has taken all bytes that were written to such a connection,
/// so that a reset after it destroys none: some seconds at most, then they count as lost. Throws
/// like reset_connection().
void await_delivery(int local_port, int peer_port);

}  // namespace bearer::sandbox
