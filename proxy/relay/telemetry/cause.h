// The reason why an attempt was made.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "relay/retry_policy.h"

namespace bearer::relay {

/// `first`, or how the attempt before it ended.
enum class Cause : std::uint8_t {
  first,
  unauthorized,       ///< the token was rejected, mostly with a 401: a replay with another
  too_many_requests,  ///< a 429
  server_error,       ///< a 5xx
  other_status,       ///< another of --retry-status
  not_connected,      ///< nothing had been sent
  connection_lost,
  response_timeout,
  resume,          ///< a download broke off: this asks for its rest
  dpop_nonce,      ///< the upstream wanted a proof with a nonce
  stream_refused,  ///< the upstream never processed the one before (HTTP/2)
};
inline constexpr std::array<std::string_view, 11> kCauseNames = {
    "first",        "status_401",    "status_429",      "status_5xx",
    "status_other", "not_connected", "connection_lost", "response_timeout",
    "resume",       "dpop_nonce",    "stream_refused"};

/// The cause of the attempt that follows this outcome.
Cause cause_after(const Outcome& outcome);

}  // namespace bearer::relay
