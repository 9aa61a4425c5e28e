// Relays the response in hand to the client.
#pragma once

#include <optional>

#include "net/task.h"
#include "relay/attempt.h"
#include "relay/exchange_state.h"

namespace bearer::relay {

/// Relays the upstream's response, or joins both connections after a 101. If nothing of it can be
/// forwarded, the client gets a reply of our own. REQUIRES: the attempt has its response's head.
///
/// Returns nullopt if the download broke off and its rest can be asked for. Then
/// `progress.download()` says from where, and the response to that request comes through here as
/// well.
net::Task<std::optional<Disposition>> relay_response(Exchange& exchange, Attempt& attempt);

}  // namespace bearer::relay
