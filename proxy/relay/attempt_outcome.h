// Describes how an attempt ended: it was silent, it lost its connection, or it got a response.
// Nothing here waits or starts anything: exchange.cc does.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "relay/attempt.h"
#include "relay/body/idle_timer.h"
#include "relay/exchange_state.h"
#include "relay/retry_policy.h"

namespace bearer::relay {

/// The time from which the attempt has been silent for too long. `upload` watches its request,
/// `head` the head of its response.
base::Instant late_at(const Exchange& exchange, const Attempt& attempt, const IdleTimer& upload,
                      const IdleTimer& head);
/// The fault of an attempt that was silent until late_at().
[[gnu::cold]] base::Error too_late(const Attempt& attempt);

/// Succeeds if the request's body may go on after `moved`. A file that failed is reported, once,
/// and is an error only where a replay needs it. Also asked while a response is relayed.
base::Result<void> check_upload(Exchange& exchange, TransferState moved);

/// `heard` says whether the head of the attempt's response is here, and else what its fault was.
Outcome outcome_of(Exchange& exchange, Attempt& attempt, const base::Result<void>& heard);

/// The text that the log adds to the decision; empty if the status says it all.
std::string detail_of(const Exchange& exchange, Attempt& attempt, const base::Result<void>& heard);

/// True if the attempt has tried a pause and found it over before its time.
bool serves_again(const Progress& progress, const Outcome& outcome, const Decision& next);

}  // namespace bearer::relay
