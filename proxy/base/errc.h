// Every expected failure of the program has one name, and the name says the phase it came in.
#pragma once

#include <string_view>

namespace bearer::base {

enum class Errc {
  // Before anything was sent to the upstream.
  resolve_failed,
  connect_refused,
  connect_unreachable,
  connect_timeout,
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
  client_stalled,  ///< it took nothing for too long, and was left
  request_malformed,
  request_timeout,  ///< its body stopped coming
  queue_too_long,   ///< no place among the requests in flight in time
  upstream_paused,  ///< the upstream asked to be left alone for longer than the request may wait
  draining,         ///< we end, and what waits is sent away
  turn_too_late,    ///< the ceiling that was set lets nobody go in time

  // The replay body.
  spill_failed,

  // Getting a token.
  token_unreachable,     ///< transport fault at the token endpoint; tried again with backoff
  token_rate_limited,    ///< 429, or a 400 that says "rate limit exceeded"
  token_server_error,    ///< 5xx
  token_rejected,        ///< the endpoint refuses the credentials; tried again slowly
  token_unauthorized,    ///< the same by unauthorized_client, which may have been set up just now
  token_command_failed,  ///< it could not be started, hung, failed or printed too much
  token_malformed,       ///< an answer that is not a token response; treated like a 5xx
  store_unusable,        ///< the store that processes share could not be asked, or was no use

  // The machine.
  file_unreadable,
  file_unwritable,
  address_unusable,
};

/// The enumerator's own name, for logs and tests.
std::string_view name(Errc code);

}  // namespace bearer::base
