// The way of an attempt to the upstream: a connection of the version that the route and the client
// ask for, and what is said of one that did not answer.
#pragma once

#include "base/result.h"
#include "net/task.h"
#include "relay/attempt.h"
#include "relay/exchange_state.h"

namespace bearer::relay {

/// Attaches a connection that is there: a kept-alive one, or a stream of one that requests share.
/// False if there is none.
bool take_kept(Exchange& exchange, Attempt& attempt);
/// Attaches a fresh one. Errors are for a person, by net::dial_failure().
[[gnu::cold]] net::Task<base::Result<void>> connect(Exchange& exchange, Attempt& attempt);

/// It broke before a response. Errc::stream_refused where the upstream said that it processed
/// nothing, else connection_lost.
base::Error lost(const Exchange& exchange, const Attempt& attempt);
/// Its response has no head. REQUIRES: the attempt said so.
base::Error malformed(const Exchange& exchange, const Attempt& attempt);

}  // namespace bearer::relay
