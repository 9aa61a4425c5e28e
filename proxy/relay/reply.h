// Answers of the proxy's own, and what is left to do for a client after any answer.
#pragma once

#include "net/task.h"
#include "relay/body/request_body.h"
#include "relay/downstream.h"
#include "relay/exchange_state.h"
#include "relay/local_reply.h"
#include "relay/request.h"

namespace bearer::relay {

/// Answers the exchange. The client's connection goes on if its request was sound.
net::Task<Disposition> reply(Exchange& exchange, LocalReply answer);

/// Answers a request that no exchange was begun for.
net::Task<Disposition> refuse(Downstream& client, const Request& request, LocalReply answer);

/// Answers a client's own token request with a placeholder (stub_token.h). Its body is read and
/// forgotten.
net::Task<Disposition> answer_with_stub(Downstream& client, Request& request);

/// Tells a client that waits for it (Expect: 100-continue) to send the body of `request`. REQUIRES:
/// nothing of that was read yet.
void ask_for_body(Downstream& client, Request& request);

/// Takes what is left of a request's body that nobody wants: 64 KiB and 5 s at most, else the
/// connection is not worth it.
net::Task<Disposition> discard(Downstream& client, RequestBody& body);

/// The reply to a request that could not be brought to an end. It names a time to come back where
/// the fault has one.
LocalReply reply_for(const Exchange& exchange, const base::Error& fault);

}  // namespace bearer::relay
