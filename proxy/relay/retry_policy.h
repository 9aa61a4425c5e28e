// Decides what to do about an outcome: a pure function, and the settings that it obeys. Rejected
// tokens have a rule of their own: token_replay.h.
#pragma once

#include <bitset>
#include <chrono>
#include <optional>

#include "base/clock.h"
#include "base/errc.h"
#include "relay/limits/not_replayable.h"

namespace bearer::relay {

/// Says when a POST, a PATCH or any other method that is not idempotent (RFC 9110 section 9.2.2) is
/// retried.
enum class RetryUnsafe {
  never,    ///< not even where nothing was sent
  refused,  ///< after a status which says that nothing was carried out
  status,   ///< after any status that is retried, never after a lost connection
  always,
};

/// The statuses that are retried.
using StatusSet = std::bitset<1000>;
/// 408, 429 and every 5xx except 501 and 505, which a retry cannot change.
StatusSet default_retry_statuses();

struct RetryOptions {
  int max_retries = 10;  ///< replays after a 401 do not count; see Decision::counted
  /// Retries of a 500 without a time to wait: mostly a defect that a retry meets again.
  int plain_500_retries_max = 3;
  base::Duration backoff_base = std::chrono::seconds(1);
  base::Duration backoff_max = std::chrono::seconds(30);  ///< caps base * 2^n, not a Retry-After
  base::Duration window = std::chrono::minutes(5);
  RetryUnsafe unsafe = RetryUnsafe::refused;
  StatusSet statuses = default_retry_statuses();
  /// Statuses by which the API says that a token is dead, beside a challenge with invalid_token.
  StatusSet renew_statuses = StatusSet().set(401);

  bool operator==(const RetryOptions&) const = default;
};

/// An attempt's end. No pointers, no sockets.
struct Outcome {
  /// 0 if there is no response; then `fault` says why.
  int status = 0;
  std::optional<base::Errc> fault;
  /// False if the fault came before a byte of the request was sent.
  bool sent = true;
  /// The connection had carried a request before, so it may have been too old.
  bool reused = false;
  /// The response rejects the token.
  bool rejected = false;
  /// The rejection's challenge says insufficient_scope: a new token would not help.
  bool insufficient_scope = false;
  /// The response asks for a proof with its nonce (RFC 9449 section 9).
  bool nonce_asked = false;
  /// There is a nonce that this attempt lacked, and the attempt did not follow such a response.
  bool nonce_new = false;
  /// The wait that the response asks for, from now; negative if it is over already.
  std::optional<base::Duration> retry_after;
  /// That wait holds for the route's other requests too.
  bool pauses_route = false;
  /// That wait is the shorter of two readings, so the backoff has to hold as well.
  bool retry_after_vague = false;
  /// The status by whose rules the response is judged, if it is not its own: 429 for a 403 that is
  /// a rate limit and no rejection, 429 or 503 for a gRPC call that failed so; else 0.
  int judged_as = 0;
  /// The status with which a gRPC call failed.
  std::optional<int> grpc_status;
  /// The response says that it came over the wrong connection (421), and that connection is shared
  /// (HTTP/2).
  bool misdirected = false;
  /// A 500 by which SOAP says that a call failed. It is an answer.
  bool soap_fault = false;
  /// The response says that a retry would not help (x-should-retry: false).
  bool retry_forbidden = false;

  /// True if the upstream was reached, and did not answer.
  bool lost() const {
    return fault == base::Errc::connection_lost || fault == base::Errc::response_timeout;
  }
  int judged_status() const { return judged_as != 0 ? judged_as : status; }
  /// True for a 500 that does not say when to come back.
  bool plain_500() const { return !fault && status == 500 && !retry_after; }
};

/// The situation of the request whose attempt has ended.
struct Situation {
  int retries = 0;            ///< begun so far, without replays
  int plain_500_retries = 0;  ///< of these, the ones that Outcome::plain_500() began
  /// A connection that was lost under this request has been replaced, which did not count.
  bool replaced = false;
  bool idempotent = true;                    ///< by method, or by an Idempotency-Key
  std::optional<NotReplayable> unkept = {};  ///< why the body cannot be sent again, if it cannot
  base::Instant now{};
  base::Instant window_ends{};  ///< of this request; Prefer: wait may have made it shorter
};

enum class Action {
  relay,     ///< the response in hand, untouched
  refresh,   ///< force a new token and replay at once
  prove,     ///< replay at once with the same token and another proof
  back_off,  ///< wait `delay`, then try again
  give_up,   ///< no response in hand: reply with `fault`
};

/// The reason why a response is relayed, or a fault not retried. For the log.
enum class Reason {
  none,  ///< the exchange goes on
  final_answer,
  retries_used_up,
  window_used_up,
  body_not_kept,     ///< it was too large
  body_not_saved,    ///< its temporary file failed
  body_had_no_room,  ///< kept bodies have taken all their room
  not_idempotent,
  retries_forbidden,  ///< RetryUnsafe::never
  server_forbids,     ///< the response says that a retry would not help
  insufficient_scope,
  second_401,
  second_nonce,  ///< the server wants another proof, and refused ours
  not_retryable,
};

struct Decision {
  Action action = Action::relay;
  base::Duration delay{};
  Reason because = Reason::none;
  /// back_off: it is one of max_retries. Not counted are the first replacement of a reused
  /// connection that was lost or of a stream that was never processed.
  bool counted = true;
};

/// The reason for the decision about a request whose body cannot be sent again.
Reason no_body(NotReplayable why);

/// True if the response's status is one of those that are retried. REQUIRES: there is a response.
bool retryable(const Outcome& outcome, const RetryOptions& options);

/// The rules of deploy/docs/outcomes.md. `jitter` is uniform in [0, 1). REQUIRES: the token was not
/// rejected.
Decision decide(const Outcome& outcome, const Situation& situation, const RetryOptions& options,
                double jitter);

}  // namespace bearer::relay
