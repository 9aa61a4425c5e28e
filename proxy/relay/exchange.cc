#include "relay/exchange.h"

#include <optional>
#include <string>
#include <utility>

#include "http/challenge.h"
#include "http/head_parser.h"
#include "http/retry_after.h"
#include "relay/attempt.h"
#include "relay/body/idle_timer.h"
#include "relay/exchange_state.h"
#include "relay/relay_response.h"
#include "relay/reply.h"
#include "relay/report.h"
#include "relay/request_reader.h"
#include "relay/waits.h"
#include "relay/worker.h"

namespace bearer::relay {
namespace {

using base::Errc;
using base::Error;
using net::Task;
using net::Wait;
using net::Wake;

// ── One try. ──

/// When the attempt has been silent for too long.
base::Instant patience(const Exchange& x, const Attempt& attempt, const IdleTimer& silence) {
  if (attempt.uploaded()) return base::after(silence.since, x.options.response_timeout);
  return silence.deadline(x.options.idle_timeout);
}

Error out_of_patience(const Attempt& attempt) {
  if (attempt.awaiting_client())
    return {Errc::request_timeout, "the request's body stopped coming"};
  return {Errc::response_timeout, "no answer came in time; see --response-timeout"};
}

Task<std::optional<Error>> connect(Exchange& x, Attempt& attempt) {
  // What cannot be sent again must not meet a connection that is dead already.
  if (auto parked = x.lane.pool.take(!x.request.idempotent)) {
    attempt.attach(std::move(*parked));
    co_return std::nullopt;
  }
  const Wait wait = x.for_at_most(x.options.connect_timeout);
  base::Result<net::Dialed> dialed = co_await x.lane.dialer->dial(wait);
  if (!dialed) co_return dialed.error();
  attempt.attach({std::move(dialed->stream), dialed->address});
  co_return std::nullopt;
}

/// The body is wanted now: a client that asked first is told to send it.
void wanted(Exchange& x) {
  if (!x.request.expects_continue || !x.body.untouched() || !x.client.in.empty()) return;
  x.request.expects_continue = false;
  x.client.out.write(*x.client.stream, "HTTP/1.1 100 Continue\r\n\r\n");
}

/// Why the upload must end, if it must. A file that failed is said once, and ends the request only
/// where a replay needs it.
std::optional<Error> upload_fault(Exchange& x, TransferState moved) {
  const std::optional<Error>& spill = x.body.spill_failure();
  if (spill && !x.spill_failure_said) x.worker.observer().body_not_kept(x.request, *spill);
  x.spill_failure_said = spill.has_value();
  if (moved == TransferState::sender_left && x.body.unreadable()) return spill;
  if (moved == TransferState::sender_left) return Error{Errc::client_left, ""};
  if (moved == TransferState::sender_broke)
    return Error{Errc::request_malformed, "malformed chunk"};
  return std::nullopt;
}

/// Sends the request and reads the answer's head into the loop's scratch; or says what went wrong.
Task<std::optional<Error>> attempt_once(Exchange& x, Attempt& attempt) {
  std::optional<Error> fault = co_await connect(x, attempt);
  if (fault) co_return fault;
  wanted(x);
  TransferState up = attempt.send(x.token->value.reveal());
  IdleTimer silence{x.now(), attempt.upload_progress()};
  for (;;) {
    fault = upload_fault(x, up);
    if (fault) co_return fault;
    // Where the upstream takes no more of the request, it may have said why.
    switch (attempt.poll_response_head()) {
      case Attempt::HeadState::head: co_return std::nullopt;
      case Attempt::HeadState::malformed:
        co_return Error{Errc::response_malformed, std::string(http::sentence(attempt.fault()))};
      case Attempt::HeadState::lost:
        co_return Error{Errc::connection_lost, "the upstream closed the connection"};
      case Attempt::HeadState::again: x.client.sleeper.wake(); break;
      case Attempt::HeadState::nothing: break;
    }
    if (up == TransferState::again) x.client.sleeper.wake();
    const Wait wait = x.until(patience(x, attempt, silence));
    const Wake woke = co_await wait.next();
    if (woke == Wake::peer_closed) co_return Error{Errc::client_left, ""};
    if (woke == Wake::timed_out) co_return out_of_patience(attempt);
    // A 100 or another interim response may not have gone out whole.
    if (!x.client.out.flush(*x.client.stream)) co_return Error{Errc::client_left, ""};
    if (!attempt.uploaded() && up != TransferState::receiver_left) up = attempt.upload();
    silence.note(attempt.upload_progress(), x.now());
  }
}

// ── The story. ──

Outcome outcome_of(Exchange& x, const Attempt& attempt, const std::optional<Error>& fault) {
  Outcome outcome;
  outcome.replay = x.replay;
  outcome.retries = x.retries;
  outcome.idempotent = x.request.idempotent;
  outcome.unkept = x.body.unkept();
  outcome.now = x.now();
  outcome.window_ends = x.window_ends;
  outcome.reused = attempt.reused();
  outcome.replaced = x.replaced;
  if (fault) {
    outcome.fault = fault->code;
    outcome.sent = attempt.sent_any();
    return outcome;
  }
  const http::ResponseHead& head = x.worker.scratch().response;
  outcome.status = head.status;
  if (head.status == 401) outcome.insufficient_scope = http::insufficient_scope(head.fields);
  if (x.options.retry.statuses.test(static_cast<std::size_t>(head.status))) {
    const auto asked = http::retry_delay(head.status, head.fields, x.worker.loop().clock().wall());
    if (asked) outcome.retry_after = asked->delay;
    if (asked && asked->pauses_route) {
      x.lane.route.pause.begin(x.now(), asked->delay, x.options.retry.window);
    }
  }
  return outcome;
}

/// The request is under way no longer; its answer may name the route's quota.
void note_quota(Exchange& x, Pacer::Permit permit, const std::optional<Error>& fault) {
  if (fault) return;
  x.lane.route.pacer.answered(permit, x.worker.scratch().response.fields, x.worker.loop());
}

/// What the log says beside the decision.
void note_detail(Exchange& x, const Outcome& outcome, const std::optional<Error>& fault) {
  x.detail.clear();
  if (fault) x.detail = fault->detail;
  if (outcome.status != 401 && outcome.status != 403) return;
  const auto challenge = http::bearer_challenge(x.worker.scratch().response.fields);
  if (!challenge) return;
  x.detail = challenge->error;
  x.token->value.redact(x.detail);
}

/// Tells the credential whether the fresh token was taken. A fault, a 429 or a 5xx says nothing of
/// it, but ends the replay all the same: a token that is revoked while we back off has a replay of
/// its own.
void end_replay(Exchange& x, const Outcome& outcome) {
  if (x.replay == Replay::none) return;
  const bool refused = outcome.status == 401;
  const bool silent = outcome.fault || outcome.status >= 500 || outcome.status == 429 ||
                      (refused && x.replay == Replay::newer);
  if (!silent) x.lane.token.replayed(x.token->generation, !refused);
  if (!refused) x.replay = Replay::none;
}

Task<Disposition> give_up(Exchange& x, const Error& fault) {
  if (fault.code == Errc::client_left) co_return Disposition::close;
  LocalReply answer = reply_for(fault.code, fault.detail);
  co_return co_await reply(x, std::move(answer));
}

Task<Disposition> exchange(Exchange& x) {
  for (;;) {
    Pacer::Permit permit;
    if (must_take_turn(x)) {
      const std::optional<Error> failed = co_await take_turn(x, permit);
      if (failed) co_return co_await give_up(x, *failed);
    }
    if (x.lane.token.current()) {
      x.token = x.lane.token.hold();
    } else {
      const std::optional<Error> failed = co_await wait_for_token(x, 0);
      if (failed && failed->code == Errc::client_left) co_return Disposition::close;
      if (failed) {
        LocalReply answer = no_token(x, *failed);
        co_return co_await reply(x, std::move(answer));
      }
    }

    std::optional<Attempt> attempt;
    attempt.emplace(x.client, x.lane, x.request, x.body);
    const std::optional<Error> fault = co_await attempt_once(x, *attempt);
    ++x.attempts;
    note_quota(x, std::move(permit), fault);
    const Outcome outcome = outcome_of(x, *attempt, fault);
    const Decision next = decide(outcome, x.options.retry, x.worker.jitter());
    note_detail(x, outcome, fault);
    end_replay(x, outcome);
    if (outcome.lost()) attempt->evict_idle_peers();
    report_attempt(x, outcome, next);

    switch (next.action) {
      case Action::relay: co_return co_await relay_response(x, *attempt);
      case Action::give_up: co_return co_await give_up(x, *fault);
      case Action::refresh: {
        const bool renewed = co_await renew_token(x);
        if (x.client.stream->peer_closed()) co_return Disposition::close;
        if (!renewed) {
          attempt->recall();
          co_return co_await relay_response(x, *attempt);
        }
        attempt->release();
        break;
      }
      case Action::back_off: {
        x.retries += next.counted ? 1 : 0;
        x.replaced |= !next.counted;
        if (!fault) attempt->release();
        attempt.reset();
        x.permit = {};
        const bool stayed = co_await rest(x, base::after(x.now(), next.delay), WaitFor::backoff);
        if (!stayed) co_return Disposition::close;
        break;
      }
    }
    x.cause = cause_after(outcome);
    x.body.rewind();
  }
}

/// A head has come: answers its request.
Task<Disposition> answer(Downstream& client, const RequestHeadRead& arrival) {
  Worker& worker = client.worker;
  Request request;
  if (arrival.reply) {
    worker.request_ids().make(request.id);
    co_return co_await refuse(client, request, *arrival.reply);
  }
  http::RequestHead& head = worker.scratch().request;
  const Snapshot& plan = worker.lanes()->plan();
  const http::HeadFault fault = http::parse_request_head(arrival.head(client), head);
  worker.request_ids().choose(head.fields, request.id);
  std::optional<LocalReply> refusal;
  if (fault == http::HeadFault::none) {
    refusal = read_request(head, plan.rules, plan.routes, request,
                           [&](std::string_view host) { return client.stream->came_in_at(host); });
  } else {
    read_page(head.fields, plan.rules, request);
    refusal = malformed_request(fault);
  }
  client.in.consume(arrival.bytes);  // nothing refers to the head any more
  if (refusal) co_return co_await refuse(client, request, *std::move(refusal));

  Exchange x(client, request);
  const Disposition then = co_await exchange(x);
  x.over = true;
  report_end(x);
  co_return then;
}

}  // namespace

Task<void> serve(Downstream& client) {
  constexpr unsigned kAtOnce = 16;
  for (unsigned answers = 0;; ++answers) {
    // Requests that came together and that we answer ourselves wait for nothing: the others of this
    // loop get their turn.
    if (answers % kAtOnce == kAtOnce - 1) co_await client.sleeper.let_others_go();
    const RequestHeadRead arrival = co_await read_request_head(client);
    if (arrival.ended) co_return;
    const Disposition then = co_await answer(client, arrival);
    if (then == Disposition::close) break;
    if (then == Disposition::cut) co_return client.stream->reset_on_close();
  }
  co_await linger(client);
}

}  // namespace bearer::relay
