// Handles the bytes that a client still sends after its answer (see wire/lingering.h).
//
// A client has 30 s in all and 5 s without a byte. Where a new client finds no place, it has 2 s in
// all, and once a drain has begun 2 s more. No more than 1024 clients of a loop linger at a time:
// the others have 2 s and 64 KiB.
#pragma once

#include <memory>

#include "net/task.h"
#include "relay/body/body_source.h"
#include "relay/downstream.h"
#include "relay/exchange_state.h"

namespace bearer::relay {

/// Takes the rest of a request's body that nobody wants. Returns `next_request` if it came in time,
/// `drop` if it did not, `close` if its end cannot be determined.
net::Task<Disposition> discard(Downstream& client, std::unique_ptr<BodySource> body);

/// True if all has come that the client can send on its HTTP/2 stream. REQUIRES: the stream's
/// answer is whole.
bool sent_all(Downstream& client);

/// Ends a connection on which the client may still be sending.
net::Task<void> linger(Downstream& client);

}  // namespace bearer::relay
