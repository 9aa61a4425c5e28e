// How an attempt ended: what its silence, the loss of its connection, or its response says to the
// decision. Nothing here waits, and nothing is set going: exchange.cc does that.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "relay/attempt.h"
#include "relay/body/idle_timer.h"
#include "relay/exchange_state.h"
#include "relay/retry_policy.h"

namespace bearer::relay {

/// When the attempt will have been silent for too long. `upload` watches its request, `head` the
/// head of its response.
base::Instant late_at(const Exchange& exchange, const Attempt& attempt, const IdleTimer& upload,
                      const IdleTimer& head);
/// The fault of an attempt that was silent until then.
[[gnu::cold]] base::Error too_late(const Attempt& attempt);

/// Succeeds if the request's body may go on after `moved`. A file that failed is reported, once,
/// and is an error only where a replay needs it. Also asked while a response is relayed.
base::Result<void> check_upload(Exchange& exchange, TransferState moved);

/// `heard` says whether the head of the attempt's response is here, and else what its fault was.
Outcome outcome_of(Exchange& exchange, Attempt& attempt, const base::Result<void>& heard);

/// What the log says beside the decision; empty where the status says it all.
std::string detail_of(const Exchange& exchange, Attempt& attempt, const base::Result<void>& heard);

/// The attempt has probed a pause, and that is over before its time.
bool serves_again(const Progress& progress, const Outcome& outcome, const Decision& next);

}  // namespace bearer::relay
