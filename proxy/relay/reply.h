// Sends the proxy's own replies.
#pragma once

#include <memory>

#include "net/task.h"
#include "relay/downstream.h"
#include "relay/exchange_state.h"
#include "relay/replies/local_reply.h"
#include "relay/request.h"

namespace bearer::relay {

/// Answers a request that could not be brought to an end, for `fault`: with a time to come back
/// where that has one. The client's connection goes on if its request was sound; the rest of its
/// body may still be on its way.
[[gnu::cold]] net::Task<Disposition> reply(Exchange& exchange, const base::Error& fault);

/// Replies to a request for which no exchange was begun, and takes the rest of its body.
[[gnu::cold]] net::Task<Disposition> refuse(Downstream& client, std::unique_ptr<Request> request,
                                            std::unique_ptr<LocalReply> reply);

/// Answers a client's own token request with a placeholder (stub_token.h). Reads its body and drops
/// it.
[[gnu::cold]] net::Task<Disposition> answer_with_stub(Downstream& client,
                                                      std::unique_ptr<Request> request);

/// Tells a client that waits for it (Expect: 100-continue) to send the body of `request`. REQUIRES:
/// nothing of the body was read yet.
[[gnu::cold]] void ask_for_body(Downstream& client, Request& request);

}  // namespace bearer::relay
