// What is to be done about an outcome: a pure function, and the settings that it obeys. Refused
// tokens have a rule of their own: token_replay.h.
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/errc.h"

namespace bearer::relay {

/// When a POST, a PATCH or any other method that is not idempotent (RFC 9110 section 9.2.2) is
/// retried.
enum class RetryUnsafe {
  never,
  refused,  ///< after an answer that says that nothing was carried out
  status,   ///< after any status that is retried, never after a lost connection
  always,
};

/// The statuses that are retried.
using StatusSet = std::bitset<1000>;
/// 408, 429 and every 5xx but 501 and 505, which a retry cannot change.
StatusSet default_retry_statuses();

struct RetryOptions {
  int max_retries = 10;  ///< replays after a 401 are not counted, nor what Decision says
  /// Retries of a 500 without a time to wait: most of them are defects that a retry meets again.
  int plain_500_retries_max = 3;
  base::Duration backoff_base = std::chrono::seconds(1);
  base::Duration backoff_max = std::chrono::seconds(30);  ///< caps base * 2^n, not a Retry-After
  base::Duration window = std::chrono::minutes(5);
  RetryUnsafe unsafe = RetryUnsafe::refused;
  StatusSet statuses = default_retry_statuses();
  /// By which the API says that a token is dead, beside a challenge that says invalid_token.
  StatusSet renew_statuses = StatusSet().set(401);

  bool operator==(const RetryOptions&) const = default;
};

/// What is known of an API that refuses a new token: its servers may hear of it one by one.
enum class Taking {
  unknown,
  awaited,   ///< a request waits for that; others need not fetch another token
  hopeless,  ///< it was waited for in vain, and no new token has been taken since
};

/// Why a request's body could not be sent again.
enum class NotReplayable {
  too_large,
  spill_failed,  ///< its temporary file did
  no_room,       ///< kept bodies have taken what all may take together, or left the disk
                 ///< too little
};
inline constexpr std::array<std::string_view, 3> kUnkeptNames = {"too_large", "spill_failed",
                                                                 "no_room"};

/// How an attempt ended, and what the decision needs to know beside it. No pointers, no sockets.
struct Outcome {
  /// 0 if there is no response: then `fault` says why.
  int status = 0;
  std::optional<base::Errc> fault;
  /// False if the fault came before a byte of the request was sent.
  bool sent = true;
  /// The connection had carried a request before: it may have died of age, not of this one.
  bool reused = false;
  /// One that was lost under this request has been replaced, and not counted.
  bool replaced = false;
  /// The response refuses the token.
  bool refused = false;
  /// And its challenge says insufficient_scope: a new token would not help.
  bool insufficient_scope = false;
  /// How old the refused token is, since it was asked for.
  base::Duration token_age{};
  /// Whether it is waited for that the API takes that token.
  Taking taking = Taking::unknown;
  /// The response asks for a proof with its nonce (RFC 9449 section 9).
  bool nonce_asked = false;
  /// And there is one that this attempt did not carry; nor did it follow such a response itself.
  bool nonce_new = false;
  /// What the response asks to wait, from now; negative if it is over already.
  std::optional<base::Duration> retry_after;
  /// And it holds for the route's other requests too.
  bool pauses_route = false;
  /// It is the shorter of two readings: the backoff has to hold as well.
  bool retry_after_vague = false;
  /// The status by whose rules the response is judged, where that is not its own: 429 for a 403
  /// that is a rate limit and not a refusal, 429 or 503 for a gRPC call that failed so; else 0.
  int judged_as = 0;
  /// By which a gRPC call has failed.
  std::optional<int> grpc_status;
  /// The response says that its connection was the wrong one (421), and that one is shared
  /// (HTTP/2).
  bool misdirected = false;
  /// A 500 that is SOAP's way to say that a call failed: an answer.
  bool soap_fault = false;
  /// The response says that a retry would not help (x-should-retry: false).
  bool retry_forbidden = false;

  int retries = 0;                      ///< begun so far, replays not counted
  int plain_500_retries = 0;            ///< those of them that plain_500() began
  bool idempotent = true;               ///< by method, or by an Idempotency-Key
  std::optional<NotReplayable> unkept;  ///< why the body cannot be sent again, if it cannot
  base::Instant now;
  base::Instant window_ends;  ///< of this request: Prefer: wait may have made it shorter

  /// The upstream was reached, and did not answer.
  bool lost() const {
    return fault == base::Errc::connection_lost || fault == base::Errc::response_timeout;
  }
  int judged_status() const { return judged_as != 0 ? judged_as : status; }
  /// A 500 that does not say when to come back.
  bool plain_500() const { return !fault && status == 500 && !retry_after; }
};

enum class Action {
  relay,     ///< the response in hand, untouched
  refresh,   ///< force a new token and replay at once
  prove,     ///< replay at once with the same token and another proof
  back_off,  ///< wait `delay`, then try again
  give_up,   ///< no response in hand: answer for ourselves, with `fault`
};

/// Why a response is relayed, or a fault not retried: for the log.
enum class Reason {
  none,  ///< it goes on
  final_answer,
  retries_used_up,
  window_used_up,
  body_not_kept,     ///< it was too large
  body_not_saved,    ///< its temporary file failed
  body_had_no_room,  ///< among those that are kept
  not_idempotent,
  server_forbids,  ///< it says that a retry would not help
  insufficient_scope,
  second_401,
  second_nonce,  ///< the server wants another proof, and would not take ours
  not_retryable,
};

struct Decision {
  Action action = Action::relay;
  base::Duration delay{};
  Reason because = Reason::none;
  /// back_off: it is one of max_retries. Not so the first replacement of a reused connection that
  /// was lost, nor of a stream that was never processed, nor the repetitions until a new token is
  /// taken.
  bool counted = true;
};

/// The reason of a request that cannot be sent again for that.
Reason no_body(NotReplayable why);

/// The response's status is one of those that are retried. REQUIRES: there is a response.
bool retryable(const Outcome& outcome, const RetryOptions& options);

/// Contract section 3, step 4. `jitter` is uniform in [0, 1). REQUIRES: the token was not refused.
Decision decide(const Outcome& outcome, const RetryOptions& options, double jitter);

}  // namespace bearer::relay
