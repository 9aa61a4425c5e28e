#include "relay/telemetry/cause.h"

namespace bearer::relay {

Cause cause_after(const Outcome& outcome) {
  if (outcome.fault == base::Errc::connection_lost) return Cause::connection_lost;
  if (outcome.fault == base::Errc::stream_refused) return Cause::stream_refused;
  if (outcome.fault == base::Errc::response_timeout) return Cause::response_timeout;
  if (outcome.fault) return Cause::not_connected;
  if (outcome.nonce_asked) return Cause::dpop_nonce;
  if (outcome.rejected) return Cause::unauthorized;
  const int status = outcome.judged_status();
  if (status == 429) return Cause::too_many_requests;
  return status / 100 == 5 ? Cause::server_error : Cause::other_status;
}

}  // namespace bearer::relay
