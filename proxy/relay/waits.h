// The waits of an exchange before and between its attempts. Each one ends early if the client
// leaves.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "net/task.h"
#include "relay/exchange_state.h"
#include "relay/limits/pacer.h"

namespace bearer::relay {

/// Sleeps until `deadline`. Errc: client_left, draining.
net::Task<base::Result<void>> rest(Exchange& exchange, base::Instant deadline, WaitFor reason);

/// True if the route has a pause, requests are paced, or there is no place for this one yet.
inline bool must_take_turn(const Exchange& exchange) {
  const Route& route = exchange.route.shared;
  return route.pause.ends() > exchange.now() || route.pacer.awake() ||
         (route.in_flight.limited() && !exchange.progress.permit.held());
}
/// Waits with the others until this request may go: for the end of a pause, for its turn (unless
/// its window ends before), and for its place in flight. `permit` records that it is counted. Errc:
/// upstream_paused if the pause outlasts its window, turn_too_late, queue_too_long, client_left,
/// draining.
net::Task<base::Result<void>> take_turn(Exchange& exchange, Pacer::Permit& permit);

/// Puts a valid token newer than that generation into the exchange. Errc: token_unreachable if none
/// comes in time, token_rejected, client_left, draining.
net::Task<base::Result<void>> wait_for_token(Exchange& exchange, std::uint64_t newer_than = 0);

/// After a 401: puts the token for the replay into the exchange. Errc: as wait_for_token(), and
/// token_unreachable if the credential holds off.
net::Task<base::Result<void>> renew_token(Exchange& exchange);

}  // namespace bearer::relay
