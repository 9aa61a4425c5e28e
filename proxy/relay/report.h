// What happens on the data plane, told in one place to both who listen: the counters and the
// observer. On the loop's thread.
#pragma once

#include "relay/exchange_state.h"
#include "relay/local_reply.h"
#include "relay/request.h"
#include "relay/retry_policy.h"
#include "relay/worker.h"

namespace bearer::relay {

/// `next` is what is made of the attempt under way, which has ended.
void report_attempt(const Exchange& x, const Outcome& outcome, const Decision& next);
/// The exchange is over.
void report_end(const Exchange& x);

/// An answer of the proxy's own.
void report_reply(Worker& worker, const Request& request, const LocalReply& reply);

/// A process of that user connected to a unix socket, and may not.
void report_peer_refused(Worker& worker, unsigned uid);
/// No client can be taken for now; `error` is an errno.
void report_accepting_failed(Worker& worker, int error);
/// That has not happened on its loop for a while.
void report_accepting_recovered(Worker& worker);

}  // namespace bearer::relay
