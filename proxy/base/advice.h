// The table of advice: what a person can do about each trouble. Below config/, it alone names
// flags. Facts travel as codes and values. Code that makes a sentence of them takes its end from
// here, so that the log, the status page, `check` and the reply to a client say the same.
#pragma once

#include <string>
#include <string_view>

namespace bearer::base {

enum class Trouble {
  // A request, and the limits that were set for it.
  retries_used_up,
  window_used_up,
  body_too_large_to_keep,
  no_room_to_keep_body,
  bodies_take_all_room,  ///< the bodies of other requests do
  may_be_carried_out,    ///< repeating it could do a thing twice
  scope_missing,
  token_refused_twice,
  no_response,  ///< its head did not come in time
  silent_body,  ///< no byte of a body or a tunnel came for too long
  queue_too_long,
  no_turn_in_rate,
  long_pause,  ///< asked for by the upstream
  drain_too_short,
  too_many_fields,
  token_is_slow,
  dpop_wanted,  ///< a token endpoint asks for proofs, or for other ones
  token_bound,  ///< it is bound to a key, and no bound one was asked for

  // Clients, and what is served.
  host_not_served,
  port_not_served,
  origin_not_served,
  method_denied,
  path_denied,
  user_not_allowed,
  every_place_taken,
  links_lead_away,  ///< away from the proxy, in a body
  circle,           ///< an upstream leads back to us
  port_speaks_plain_http,

  // A server that we use. The setting has its address.
  name_unknown,
  refused,
  unreachable,
  not_in_time,
  loopback_name_elsewhere,
  egress_proxy,
  no_tls_there,
  tls_there,   ///< we spoke plain http to a port that hung up on it
  tls_wanted,  ///< the same, and it answered that it speaks TLS
  not_http,
  wants_our_certificate,
  refuses_our_certificate,
  no_http_2_there,
  http_2_wanted,  ///< a gRPC call went over HTTP/1.1

  // Certificates.
  authority_unknown,      ///< the system's authorities are trusted
  authority_not_in_file,  ///< a file's authorities are trusted
  no_authorities,         ///< there are none on this system
  authorities_unreadable,
  own_certificate_unusable,
  certificate_expired,
  certificate_not_yet_valid,
  certificate_of_another_name,

  // The machine.
  descriptors_used_up,
  ports_used_up,
};

/// Returns the end of a sentence that says what to do: `see --max-retries`. If that depends on the
/// caller, it names `setting`: `check token_url and that it is up`.
[[gnu::cold]] std::string advice_on(Trouble trouble, std::string_view setting = {});

}  // namespace bearer::base
