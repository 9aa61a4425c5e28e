#include "relay/retry_policy.h"

#include <algorithm>

#include "relay/limits/backoff.h"

namespace bearer::relay {
namespace {

using base::Errc;

// Nothing of the request has gone out: it cannot have had an effect, whatever its method.
bool before_sending(Errc fault) {
  switch (fault) {
    case Errc::resolve_failed:
    case Errc::connect_refused:
    case Errc::connect_unreachable:
    case Errc::connect_timeout:
    case Errc::tls_handshake_failed: return true;
    default: return false;
  }
}

Reason no_body(NotReplayable why) {
  return why == NotReplayable::spill_failed ? Reason::body_not_saved : Reason::body_not_kept;
}

/// A connection that died of age says nothing against a fresh one.
bool of_age(const Outcome& outcome) {
  return outcome.fault == Errc::connection_lost && outcome.reused;
}

/// But where age is no excuse any more, it may be the request that kills them.
bool counted(const Outcome& outcome) {
  return !of_age(outcome) || outcome.replaced;
}

/// What forbids a retry, apart from how many there were and how long they took.
Reason obstacle(const Outcome& outcome, const RetryOptions& options) {
  if (outcome.fault) {
    if (!outcome.lost() && !before_sending(*outcome.fault)) return Reason::not_retryable;
    const bool harmless = !outcome.sent || before_sending(*outcome.fault) || outcome.idempotent;
    if (!harmless && options.unsafe != RetryUnsafe::always) return Reason::not_idempotent;
  } else {
    if (!options.statuses.test(static_cast<std::size_t>(outcome.status))) {
      return Reason::final_answer;
    }
    if (!outcome.idempotent && options.unsafe == RetryUnsafe::never) {
      return Reason::not_idempotent;
    }
  }
  if (outcome.unkept) return no_body(*outcome.unkept);
  if (counted(outcome) && outcome.retries >= options.max_retries) return Reason::retries_used_up;
  return Reason::none;
}

base::Duration least_wait(const Outcome& outcome, const RetryOptions& options) {
  if (of_age(outcome)) return {};
  // A wait that is over by now says nothing of when the upstream will be fit again.
  if (outcome.retry_after > base::Duration{}) return *outcome.retry_after;
  return backoff_delay(outcome.retries, options.backoff_base, options.backoff_max);
}

Decision judge_401(const Outcome& outcome) {
  if (outcome.insufficient_scope) return {Action::relay, {}, Reason::insufficient_scope};
  if (outcome.replay == Replay::fresh) return {Action::relay, {}, Reason::second_401};
  if (outcome.unkept) return {Action::relay, {}, no_body(*outcome.unkept)};
  return {Action::refresh, {}, Reason::none};
}

}  // namespace

StatusSet default_retry_statuses() {
  StatusSet statuses;
  statuses.set(429);
  for (std::size_t status = 500; status < 600; ++status) statuses.set(status);
  statuses.reset(501).reset(505);
  return statuses;
}

Decision decide(const Outcome& outcome, const RetryOptions& options, double jitter) {
  if (outcome.status == 401 && !outcome.fault) return judge_401(outcome);
  const Action end = outcome.fault ? Action::give_up : Action::relay;
  const Reason because = obstacle(outcome, options);
  if (because != Reason::none) return {end, {}, because};

  const base::Duration least = least_wait(outcome, options);
  const base::Duration left = outcome.window_ends - outcome.now;
  if (least > left) return {end, {}, Reason::window_used_up};
  // Jitter alone does not make a wait too long.
  const base::Duration delay = std::min(with_jitter(least, jitter), left);
  return {Action::back_off, delay, Reason::none, counted(outcome)};
}

}  // namespace bearer::relay
