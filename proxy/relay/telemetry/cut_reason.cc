#include "relay/telemetry/cut_reason.h"

namespace bearer::relay {

CutReason cut_reason(base::Errc fault) {
  using base::Errc;
  switch (fault) {
    case Errc::client_left: return CutReason::client_left;
    case Errc::client_stalled: return CutReason::client_stalled;
    case Errc::connection_lost:
    case Errc::stream_refused:
    case Errc::response_incomplete: return CutReason::upstream_closed;
    case Errc::response_timeout: return CutReason::upstream_silent;
    case Errc::response_malformed: return CutReason::response_malformed;
    case Errc::request_malformed:
    case Errc::request_timeout:
    case Errc::spill_failed: return CutReason::request_failed;
    default: return CutReason::other;
  }
}

}  // namespace bearer::relay
