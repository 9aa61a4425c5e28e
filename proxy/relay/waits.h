// What an exchange waits for before and between its attempts. Each wait ends early when the client
// goes away.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "net/task.h"
#include "relay/exchange_state.h"

namespace bearer::relay {

/// Sleeps until `deadline`; false if the client left.
net::Task<bool> rest(Exchange& x, base::Instant deadline);

/// Somebody was told to wait: so do we, unless our window ends before. False if the client left.
net::Task<bool> pass_pause(Exchange& x);

/// Puts a valid token newer than that generation into `x`, or says why there is none in time:
/// Errc::token_unreachable, token_rejected, client_left.
net::Task<std::optional<base::Error>> wait_for_token(Exchange& x, std::uint64_t newer_than);

/// After a 401: puts a token that is newer than the refused one into `x`. False if none is to be
/// had.
net::Task<bool> renew_token(Exchange& x);

}  // namespace bearer::relay
