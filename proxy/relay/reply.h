// Sends the proxy's own replies.
#pragma once

#include "net/task.h"
#include "relay/downstream.h"
#include "relay/exchange_state.h"
#include "relay/replies/local_reply.h"
#include "relay/request.h"

namespace bearer::relay {

/// Replies to the exchange. The client's connection goes on if its request was sound; the rest of
/// the body may still be on its way.
[[gnu::cold]] net::Task<Disposition> reply(Exchange& exchange, LocalReply answer);

/// Replies to a request for which no exchange was begun, and takes the rest of its body.
[[gnu::cold]] net::Task<Disposition> refuse(Downstream& client, const Request& request,
                                            LocalReply answer);

/// Answers a client's own token request with a placeholder (stub_token.h). Reads its body and drops
/// it.
[[gnu::cold]] net::Task<Disposition> answer_with_stub(Downstream& client, Request& request);

/// Tells a client that waits for it (Expect: 100-continue) to send the body of `request`. REQUIRES:
/// nothing of the body was read yet.
[[gnu::cold]] void ask_for_body(Downstream& client, Request& request);

/// The reply to a request that could not be completed. It names a time to come back if the fault
/// has one.
[[gnu::cold]] LocalReply reply_for(const Exchange& exchange, const base::Error& fault);

}  // namespace bearer::relay
