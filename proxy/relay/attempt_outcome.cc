#include "relay/attempt_outcome.h"

#include <algorithm>
#include <optional>

#include "base/advice.h"
#include "http/challenge.h"
#include "http/grpc/call.h"
#include "http/retry_after.h"
#include "relay/body/soap.h"
#include "relay/loop_context.h"
#include "relay/report.h"
#include "wire/tls_wanted.h"

namespace bearer::relay {
namespace {

using base::advice_on;
using base::Errc;
using base::Error;
using base::Trouble;

/// True if the API rejects the token, in one of the forms in which APIs do.
bool rejects_token(const Exchange& exchange, const http::ResponseHead& head) {
  const auto status = static_cast<std::size_t>(head.status);
  return exchange.options().retry.renew_statuses.test(status) ||
         (status >= 400 && status < 500 && http::invalid_token(head.fields));
}

/// Reads what the response says about this attempt's proof and about the next one.
void read_nonce(Exchange& exchange, const http::ResponseHead& head, Outcome& outcome) {
  DpopNonce& nonce = exchange.route.nonce;
  nonce.learn(http::dpop_nonce(head.fields));
  outcome.nonce_asked = head.status == 401 && http::wants_dpop_nonce(head.fields);
  // The first may have ended while its proof was on a slow way.
  constexpr int kNoncesMax = 3;
  outcome.nonce_new =
      exchange.progress.for_nonce < kNoncesMax && nonce.number() != exchange.progress.nonce();
}

/// A gRPC call reports its failure with status 200. Its pushback is meant for this call alone.
void read_grpc(const http::GrpcFailure& failure, Outcome& outcome) {
  constexpr int kRefusedForNow = 429, kUnavailable = 503;
  outcome.grpc_status = failure.status;
  outcome.retry_forbidden = failure.retry_forbidden;
  outcome.retry_after = failure.delay;
  switch (static_cast<http::GrpcStatus>(failure.status)) {
    case http::GrpcStatus::unauthenticated: outcome.rejected = true; break;
    case http::GrpcStatus::unavailable: outcome.judged_as = kUnavailable; break;
    case http::GrpcStatus::resource_exhausted:
      // If no time is named, it may be more than a quota: the size of a message, or a full disk.
      if (failure.delay || failure.retry_forbidden) outcome.judged_as = kRefusedForNow;
      break;
    default: break;
  }
}

/// Reads what the decision needs from the response. A 403 that is a rate limit is judged as a 429,
/// and says nothing about the token.
void read_response(Exchange& exchange, const http::ResponseHead& head, Outcome& outcome) {
  const base::WallTime now = exchange.context().wall();
  outcome.status = head.status;
  if (exchange.progress.token->binding) read_nonce(exchange, head, outcome);
  if (exchange.request.grpc) {
    if (const auto failure = http::grpc_failure(head)) return read_grpc(*failure, outcome);
  }
  const bool rate_limited = head.status == 403 && http::is_rate_limit(403, head.fields, now);
  if (rate_limited) outcome.judged_as = 429;
  outcome.rejected = !rate_limited && !outcome.nonce_asked && rejects_token(exchange, head);
  if (outcome.rejected) outcome.insufficient_scope = http::insufficient_scope(head.fields);
  if (!retryable(outcome, exchange.options().retry)) return;
  outcome.soap_fault = is_soap_fault(head, exchange.request.method, exchange.request.head);
  outcome.retry_forbidden = http::forbids_retry(head.fields);
  constexpr bool kFailed = true;  // also by a status that --retry-status adds
  const auto asked = http::retry_delay(head.status, head.fields, now, kFailed);
  if (!asked) return;
  outcome.retry_after = asked->delay;
  outcome.retry_after_vague = asked->vague;
  outcome.pauses_route = asked->pauses_route;
}

[[gnu::cold]] std::string detail_of_rejection(const Exchange& exchange,
                                              const http::ResponseHead& head) {
  const auto challenge = http::bearer_challenge(head.fields);
  if (!challenge) return {};
  std::string detail = challenge->error;
  exchange.progress.token->value.redact(detail);
  return detail.substr(0, http::kChallengeTextBytesMax);
}

/// Mostly such a body is short, and comes with its head.
[[gnu::cold]] std::string detail_of_bad_request(const Exchange& exchange, const Attempt& attempt) {
  const bool plain = !exchange.options().upstream.tls;
  const bool wants_tls = plain && wire::wants_tls(400, attempt.beginning());
  return std::string(wants_tls ? wire::kTlsWanted : "");
}

}  // namespace

// A head that keeps coming is not late: some upstreams report their progress in its fields.
base::Instant late_at(const Exchange& exchange, const Attempt& attempt, const IdleTimer& upload,
                      const IdleTimer& head) {
  if (!attempt.uploaded()) return upload.deadline(exchange.options().idle_timeout);
  constexpr int kTimesMax = 10;
  const base::Duration timeout = exchange.options().response_timeout;
  const base::Instant end =
      base::after(upload.since, std::min(timeout, base::Duration::max() / kTimesMax) * kTimesMax);
  return std::min(base::after(std::max(upload.since, head.since), timeout), end);
}

Error too_late(const Attempt& attempt) {
  if (attempt.awaiting_client())
    return {Errc::request_timeout, "the request's body stopped coming",
            advice_on(Trouble::silent_body)};
  if (!attempt.uploaded()) {
    return {Errc::response_timeout, "the upstream stopped taking the request's body",
            advice_on(Trouble::silent_body)};
  }
  return {Errc::response_timeout, "no answer came in time", advice_on(Trouble::no_response)};
}

base::Result<void> check_upload(Exchange& exchange, TransferState moved) {
  const Error* spill = exchange.body.spill_failure();
  if (spill && !exchange.progress.spill_failure_said) report_body_not_kept(exchange, *spill);
  exchange.progress.spill_failure_said = spill != nullptr;
  if (moved == TransferState::sender_left && exchange.body.unreadable()) return *spill;
  if (moved == TransferState::sender_left) return Error{Errc::client_left, ""};
  if (moved == TransferState::sender_broke) {
    return Error{Errc::request_malformed, "a chunk of the request's body is malformed"};
  }
  return {};
}

Outcome outcome_of(Exchange& exchange, Attempt& attempt, const base::Result<void>& heard) {
  Outcome outcome;
  outcome.reused = attempt.reused();
  if (heard) {
    read_response(exchange, attempt.response(), outcome);
    outcome.misdirected = outcome.status == 421 && attempt.shared();
  } else {
    outcome.fault = heard.error().code;
    outcome.sent = attempt.sent_any();
  }
  return outcome;
}

std::string detail_of(const Exchange& exchange, Attempt& attempt, const base::Result<void>& heard) {
  if (!heard) return heard.error().sentence();
  const http::ResponseHead& head = attempt.response();
  if (head.status == 400) return detail_of_bad_request(exchange, attempt);
  const bool rejected = head.status == 401 || head.status == 403;
  return rejected ? detail_of_rejection(exchange, head) : std::string();
}

bool serves_again(const Progress& progress, const Outcome& outcome, const Decision& next) {
  return progress.tried() != base::Instant{} && !outcome.fault && outcome.judged_status() < 500 &&
         next.because == Reason::final_answer;
}

}  // namespace bearer::relay
