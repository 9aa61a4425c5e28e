// What an exchange waits for before and between its attempts. Each wait ends early when the client
// goes away.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "net/task.h"
#include "relay/exchange_state.h"
#include "relay/limits/pacer.h"

namespace bearer::relay {

/// Sleeps until `deadline`; false if the client left.
net::Task<bool> rest(Exchange& x, base::Instant deadline, WaitFor reason);

/// Whether somebody was told to wait, requests are paced, or there is no place for this one yet.
inline bool must_take_turn(const Exchange& x) {
  const Route& route = x.lane.route;
  return route.pause.ends() > x.now() || route.pacer.awake() ||
         (route.in_flight.limited() && !x.permit.held());
}
/// Waits with the others until this request may go: for the end of a pause and its turn, unless its
/// window ends before, and for its place in flight. `passage` holds that it is counted. Errc:
/// queue_too_long, turn_too_late, client_left.
net::Task<std::optional<base::Error>> take_turn(Exchange& x, Pacer::Permit& permit);

/// Puts a valid token newer than that generation into `x`, or says why there is none in time:
/// Errc::token_unreachable, token_rejected, client_left.
net::Task<std::optional<base::Error>> wait_for_token(Exchange& x, std::uint64_t newer_than);

/// After a 401: puts a token that is newer than the refused one into `x`, and what the replay with
/// it is. False if none is to be had.
net::Task<bool> renew_token(Exchange& x);

}  // namespace bearer::relay
