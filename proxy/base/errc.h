// The names of all expected failures. A name says in which phase the failure occurred.
#pragma once

#include <string_view>

namespace bearer::base {

enum class Errc {
  // Before anything was sent to the upstream.
  resolve_failed,
  connect_refused,
  connect_unreachable,
  connect_timeout,
  descriptors_used_up,  ///< ours: no socket can be opened
  tls_handshake_failed,
  tls_certificate_untrusted,
  client_certificate_unusable,  ///< our own: unreadable, without its key, or expired

  // While a request or a response was under way.
  connection_lost,
  stream_refused,  ///< the server said that it never processed the request (HTTP/2)
  response_timeout,
  response_malformed,
  response_incomplete,

  // The client's side.
  client_left,
  client_stalled,  ///< it took nothing for too long, so its connection was ended
  request_malformed,
  request_timeout,  ///< its body stopped coming
  queue_too_long,   ///< no place among the requests in flight in time
  upstream_paused,  ///< the upstream asked for a longer pause than the request may wait
  draining,         ///< the proxy ends, and requests that wait get a reply
  turn_too_late,    ///< the configured ceiling lets nobody go in time

  // The kept body of a request.
  spill_failed,

  // Getting a token.
  token_unreachable,     ///< transport fault at the token endpoint; repeated with backoff
  token_rate_limited,    ///< 429, or another 4xx that says so
  token_server_error,    ///< 5xx
  token_rejected,        ///< the endpoint refuses the credentials; repeated slowly
  token_unauthorized,    ///< the same with unauthorized_client: it may have been set up just now
  token_command_failed,  ///< it could not be started, hung, failed or printed too much
  token_malformed,       ///< an answer that is not a token response; treated like a 5xx
  store_unusable,        ///< the shared store could not be reached or used

  internal_fault,  ///< a bug of ours; a fetch that it ended is repeated like one with a 5xx

  // The machine.
  file_unreadable,
  file_unwritable,
  address_unusable,
};

/// The enumerator's own name, for logs and tests.
std::string_view name(Errc code);

}  // namespace bearer::base
