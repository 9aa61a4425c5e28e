#include "relay/retry_policy.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "relay/limits/backoff.h"

namespace bearer::relay {
namespace {

using base::Errc;

// True if nothing was sent, so that the request cannot have had an effect, whatever its method.
bool before_sending(Errc fault) {
  switch (fault) {
    case Errc::resolve_failed:
    case Errc::connect_refused:
    case Errc::connect_unreachable:
    case Errc::connect_timeout:
    case Errc::descriptors_used_up:
    case Errc::tls_handshake_failed: return true;
    default: return false;
  }
}

/// True if the request cannot have had an effect, whatever its method.
bool without_effect(const Outcome& outcome) {
  return !outcome.sent || before_sending(*outcome.fault) || *outcome.fault == Errc::stream_refused;
}

/// True if a reused connection was lost, perhaps of age. That says nothing against a new one.
bool of_age(const Outcome& outcome) {
  return outcome.fault == Errc::connection_lost && outcome.reused;
}

/// False if the request only met the wrong moment or the wrong connection. That excuse holds once:
/// the second time, the request itself may kill connections.
bool counted(const Outcome& outcome, const Situation& situation) {
  const bool excused =
      of_age(outcome) || outcome.misdirected || outcome.fault == Errc::stream_refused;
  return !excused || situation.replaced;
}

constexpr int kRequestTimeout = 408;
constexpr int kTooManyRequests = 429;
constexpr int kServiceUnavailable = 503;

/// True if the status says that the request was not carried out. A 500, a 502 or a 504 may come
/// after the work was done.
bool refused_untouched(int status) {
  return status == kRequestTimeout || status == kTooManyRequests || status == kServiceUnavailable;
}

/// True if retries are forbidden, whatever the outcome says.
bool never_retried(const Situation& situation, const RetryOptions& options) {
  return options.unsafe == RetryUnsafe::never && !situation.idempotent;
}

Reason status_obstacle(const Outcome& outcome, const Situation& situation,
                       const RetryOptions& options) {
  // RFC 9110 section 15.5.20: another connection may be used, whatever the method.
  const bool misdirected = outcome.misdirected && !situation.replaced;
  if (misdirected && !never_retried(situation, options)) return Reason::none;
  if (!retryable(outcome, options) || outcome.soap_fault) return Reason::final_answer;
  if (outcome.retry_forbidden) return Reason::server_forbids;
  if (situation.idempotent) return Reason::none;
  switch (options.unsafe) {
    case RetryUnsafe::never: return Reason::retries_forbidden;
    case RetryUnsafe::refused:
      return refused_untouched(outcome.judged_status()) ? Reason::none : Reason::not_idempotent;
    case RetryUnsafe::status:
    case RetryUnsafe::always: break;
  }
  return Reason::none;
}

Reason fault_obstacle(const Outcome& outcome, const Situation& situation,
                      const RetryOptions& options) {
  const bool retryable =
      outcome.lost() || before_sending(*outcome.fault) || *outcome.fault == Errc::stream_refused;
  if (!retryable) return Reason::not_retryable;
  if (never_retried(situation, options)) return Reason::retries_forbidden;
  const bool harmless = without_effect(outcome) || situation.idempotent;
  return harmless || options.unsafe == RetryUnsafe::always ? Reason::none : Reason::not_idempotent;
}

bool used_up(const Outcome& outcome, const Situation& situation, const RetryOptions& options) {
  if (outcome.plain_500() && situation.plain_500_retries >= options.plain_500_retries_max)
    return true;
  return counted(outcome, situation) && situation.retries >= options.max_retries;
}

/// The reason against a retry, apart from the number of retries and the time that they took.
Reason obstacle(const Outcome& outcome, const Situation& situation, const RetryOptions& options) {
  const Reason because = outcome.fault ? fault_obstacle(outcome, situation, options)
                                       : status_obstacle(outcome, situation, options);
  if (because != Reason::none) return because;
  if (situation.unkept) return no_body(*situation.unkept);
  return used_up(outcome, situation, options) ? Reason::retries_used_up : Reason::none;
}

/// The wait that the upstream asked for, if it is still ahead. One that is over does not say when
/// the upstream will be fit again.
std::optional<base::Duration> asked_for(const Outcome& outcome) {
  if (outcome.retry_after > base::Duration{}) return outcome.retry_after;
  return std::nullopt;
}

struct Wait {
  base::Duration least{};
  base::Duration jitter_max{};
};

/// The wait that was asked for. Where it has proved too short twice, the upstream does not know
/// when it will be fit again: a server that always asks for a second would use up all retries in
/// ten. So a backoff begins, with which they last for the outage that they absorb without such a
/// hint.
Wait asked_wait(base::Duration asked, const Situation& situation, const RetryOptions& options) {
  constexpr int kBelieved = 2;
  const base::Duration floor =
      situation.retries < kBelieved
          ? base::Duration::zero()
          : backoff_delay(situation.retries - kBelieved, options.backoff_base, options.backoff_max);
  if (asked >= floor) return {asked, jitter_of_asked(asked)};
  // That it is longer than was asked for is no reason to give up.
  const base::Duration left = situation.window_ends - situation.now;
  return {std::max(asked, std::min(floor, left)), jitter_of_backoff(floor)};
}

Wait wait_before_retry(const Outcome& outcome, const Situation& situation,
                       const RetryOptions& options) {
  if (of_age(outcome) || !counted(outcome, situation)) return {};
  const base::Duration least =
      backoff_delay(situation.retries, options.backoff_base, options.backoff_max);
  const auto asked = asked_for(outcome);
  const bool holds = asked && (!outcome.retry_after_vague || *asked > least);
  if (holds) return asked_wait(*asked, situation, options);
  return {least, jitter_of_backoff(least)};
}

/// Decides by what the server says about the proof alone.
Decision after_nonce(const Outcome& outcome, const Situation& situation) {
  if (!outcome.nonce_new) return {Action::relay, {}, Reason::second_nonce};
  if (situation.unkept) return {Action::relay, {}, no_body(*situation.unkept)};
  return {Action::prove, {}, Reason::none};
}

}  // namespace

Reason no_body(NotReplayable why) {
  switch (why) {
    case NotReplayable::too_large: return Reason::body_not_kept;
    case NotReplayable::spill_failed: return Reason::body_not_saved;
    case NotReplayable::no_room: return Reason::body_had_no_room;
  }
  return Reason::body_not_kept;
}

StatusSet default_retry_statuses() {
  StatusSet statuses;
  statuses.set(kRequestTimeout).set(kTooManyRequests);
  for (std::size_t status = 500; status < 600; ++status) statuses.set(status);
  statuses.reset(501).reset(505);
  return statuses;
}

bool retryable(const Outcome& outcome, const RetryOptions& options) {
  return options.statuses.test(static_cast<std::size_t>(outcome.judged_status()));
}

Decision decide(const Outcome& outcome, const Situation& situation, const RetryOptions& options,
                double jitter) {
  assert(!outcome.rejected);
  if (outcome.nonce_asked) return after_nonce(outcome, situation);
  const Action end = outcome.fault ? Action::give_up : Action::relay;
  const Reason because = obstacle(outcome, situation, options);
  if (because != Reason::none) return {end, {}, because};

  const Wait wait = wait_before_retry(outcome, situation, options);
  const base::Duration left = situation.window_ends - situation.now;
  if (wait.least > left) return {end, {}, Reason::window_used_up};
  // Jitter alone does not make a wait too long.
  const base::Duration delay = std::min(with_jitter(wait.least, wait.jitter_max, jitter), left);
  return {Action::back_off, delay, Reason::none, counted(outcome, situation)};
}

}  // namespace bearer::relay
