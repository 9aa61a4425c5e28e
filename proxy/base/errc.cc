#include "base/errc.h"

namespace bearer::base {

std::string_view name(Errc code) {
  switch (code) {
    case Errc::resolve_failed: return "resolve_failed";
    case Errc::connect_refused: return "connect_refused";
    case Errc::connect_unreachable: return "connect_unreachable";
    case Errc::connect_timeout: return "connect_timeout";
    case Errc::descriptors_used_up: return "descriptors_used_up";
    case Errc::tls_handshake_failed: return "tls_handshake_failed";
    case Errc::tls_certificate_untrusted: return "tls_certificate_untrusted";
    case Errc::client_certificate_unusable: return "client_certificate_unusable";
    case Errc::connection_lost: return "connection_lost";
    case Errc::stream_refused: return "stream_refused";
    case Errc::response_timeout: return "response_timeout";
    case Errc::response_malformed: return "response_malformed";
    case Errc::response_incomplete: return "response_incomplete";
    case Errc::client_left: return "client_left";
    case Errc::client_stalled: return "client_stalled";
    case Errc::request_malformed: return "request_malformed";
    case Errc::request_timeout: return "request_timeout";
    case Errc::queue_too_long: return "queue_too_long";
    case Errc::upstream_paused: return "upstream_paused";
    case Errc::draining: return "draining";
    case Errc::turn_too_late: return "turn_too_late";
    case Errc::spill_failed: return "spill_failed";
    case Errc::token_unreachable: return "token_unreachable";
    case Errc::token_rate_limited: return "token_rate_limited";
    case Errc::token_server_error: return "token_server_error";
    case Errc::token_rejected: return "token_rejected";
    case Errc::token_unauthorized: return "token_unauthorized";
    case Errc::token_command_failed: return "token_command_failed";
    case Errc::token_malformed: return "token_malformed";
    case Errc::store_unusable: return "store_unusable";
    case Errc::internal_fault: return "internal_fault";
    case Errc::file_unreadable: return "file_unreadable";
    case Errc::file_unwritable: return "file_unwritable";
    case Errc::address_unusable: return "address_unusable";
  }
  return "unknown";
}

}  // namespace bearer::base
