// Gets an attempt a connection to its upstream, of the version that the route and the client ask
// for, and describes an upstream that did not answer.
#pragma once

#include "base/result.h"
#include "net/task.h"
#include "relay/attempt.h"
#include "relay/exchange_state.h"

namespace bearer::relay {

/// Attaches an existing connection: a kept-alive one, or a stream of a shared one. False if there
/// is none.
bool take_kept(Exchange& exchange, Attempt& attempt);
/// Attaches a new connection. Errors are for a person, by net::dial_failure().
[[gnu::cold]] net::Task<base::Result<void>> connect(Exchange& exchange, Attempt& attempt);

/// The error for a connection that broke before a response: Errc::stream_refused if the upstream
/// said that it processed nothing, else connection_lost.
base::Error lost(const Exchange& exchange, const Attempt& attempt);
/// The error for a response without a valid head. REQUIRES: the attempt said so.
base::Error malformed(const Exchange& exchange, const Attempt& attempt);

}  // namespace bearer::relay
