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

Task<base::Result<void>> connect(Exchange& x, Attempt& attempt) {
  // What cannot be sent again must not meet a connection that is dead already.
  if (auto parked = x.lane.pool.take(!x.request.idempotent)) {
    attempt.attach(std::move(*parked));
    co_return {};
  }
  const Wait wait = x.for_at_most(x.options.connect_timeout);
  base::Result<net::Dialed> dialed = co_await x.lane.dialer->dial(wait);
  if (!dialed) co_return dialed.error();
  attempt.attach({std::move(dialed->stream), dialed->address});
  co_return {};
}

/// The body is wanted now: a client that asked first is told to send it.
void wanted(Exchange& x) {
  if (!x.request.expects_continue || !x.body.untouched() || !x.client.in.empty()) return;
  x.request.expects_continue = false;
  x.client.out.write(*x.client.stream, "HTTP/1.1 100 Continue\r\n\r\n");
}

/// Whether the upload may go on. A file that failed is said once, and ends the request only where a
/// replay needs it.
base::Result<void> check_upload(Exchange& x, TransferState moved) {
  const std::optional<Error>& spill = x.body.spill_failure();
  if (spill && !x.spill_failure_said) x.worker.observer().body_not_kept(x.request, *spill);
  x.spill_failure_said = spill.has_value();
  if (moved == TransferState::sender_left && x.body.unreadable()) return *spill;
  if (moved == TransferState::sender_left) return Error{Errc::client_left, ""};
  if (moved == TransferState::sender_broke)
    return Error{Errc::request_malformed, "malformed chunk"};
  return {};
}

/// Sends the request and reads as far as the response's head.
Task<base::Result<void>> attempt_once(Exchange& x, Attempt& attempt) {
  const base::Result<void> connected = co_await connect(x, attempt);
  if (!connected) co_return connected.error();
  wanted(x);
  TransferState up = attempt.send(x.token->value.reveal());
  IdleTimer silence{x.now(), attempt.upload_progress()};
  for (;;) {
    const base::Result<void> sound = check_upload(x, up);
    if (!sound) co_return sound.error();
    // Where the upstream takes no more of the request, it may have said why.
    switch (attempt.poll_response_head()) {
      case Attempt::HeadState::head: co_return {};
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

/// What the response says to the decision.
void read_response(Exchange& x, const http::ResponseHead& head, Outcome& outcome) {
  outcome.status = head.status;
  outcome.refused = head.status == 401;
  if (outcome.refused) outcome.insufficient_scope = http::insufficient_scope(head.fields);
  if (!x.options.retry.statuses.test(static_cast<std::size_t>(head.status))) return;
  const auto asked = http::retry_delay(head.status, head.fields, x.worker.loop().clock().wall());
  if (!asked) return;
  outcome.retry_after = asked->delay;
  outcome.pauses_route = asked->pauses_route;
}

Outcome outcome_of(Exchange& x, Attempt& attempt, const base::Result<void>& sent) {
  Outcome outcome;
  outcome.retries = x.retries;
  outcome.plain_500_retries = x.plain_500_retries;
  outcome.idempotent = x.request.idempotent;
  outcome.unkept = x.body.unkept();
  outcome.now = x.now();
  outcome.window_ends = x.window_ends;
  outcome.reused = attempt.reused();
  outcome.replaced = x.replaced;
  if (sent) {
    read_response(x, attempt.response(), outcome);
  } else {
    outcome.fault = sent.error().code;
    outcome.sent = attempt.sent_any();
  }
  return outcome;
}

/// What the log says beside the decision.
std::string detail_of(const Exchange& x, Attempt& attempt, const base::Result<void>& sent) {
  if (!sent) return sent.error().detail;
  const http::ResponseHead& head = attempt.response();
  if (head.status != 401 && head.status != 403) return {};
  const auto challenge = http::bearer_challenge(head.fields);
  if (!challenge) return {};
  std::string detail = challenge->error;
  x.token->value.redact(detail);
  return detail;
}

Task<Disposition> give_up(Exchange& x, const Error& fault) {
  if (fault.code == Errc::client_left) co_return Disposition::close;
  LocalReply answer = reply_for(x, fault);
  co_return co_await reply(x, std::move(answer));
}

Task<Disposition> exchange(Exchange& x) {
  for (;;) {
    Pacer::Permit permit;
    if (must_take_turn(x)) {
      const base::Result<void> turn = co_await take_turn(x, permit);
      if (!turn) co_return co_await give_up(x, turn.error());
    }
    if (x.lane.token.current()) {
      x.token = x.lane.token.hold();
    } else {
      const base::Result<void> token = co_await wait_for_token(x);
      if (!token) co_return co_await give_up(x, token.error());
    }

    Decision next;
    {
      Attempt attempt(x.client, x.lane, x.request, x.body);
      const base::Result<void> sent = co_await attempt_once(x, attempt);
      ++x.attempts;
      const Outcome outcome = outcome_of(x, attempt, sent);
      Route& route = x.lane.route;
      if (sent) route.pacer.answered(permit, attempt.response().fields, x.worker.loop());
      permit = {};
      if (outcome.pauses_route)
        route.pause.begin(x.now(), *outcome.retry_after, x.options.retry.window);
      if (outcome.lost()) attempt.evict_idle_peers();
      next = outcome.refused ? x.replay.judge(outcome)
                             : decide(outcome, x.options.retry, x.worker.jitter());
      const std::optional<bool> accepted = x.replay.end(outcome);
      if (accepted) x.lane.token.replayed(x.token->generation, *accepted);
      x.detail = detail_of(x, attempt, sent);
      report_attempt(x, outcome, next);

      switch (next.action) {
        case Action::relay: co_return co_await relay_response(x, attempt);
        case Action::give_up: co_return co_await give_up(x, sent.error());
        case Action::refresh: {
          const base::Result<void> renewed = co_await renew_token(x);
          if (x.client.stream->peer_closed()) co_return Disposition::close;
          if (!renewed) co_return co_await relay_response(x, attempt);
          break;
        }
        case Action::back_off: x.plain_500_retries += outcome.plain_500() ? 1 : 0; break;
      }
      if (sent) attempt.release();
      x.cause = cause_after(outcome);
    }
    if (next.action == Action::back_off) {
      x.retries += next.counted ? 1 : 0;
      x.replaced |= !next.counted;
      x.permit = {};
      const base::Instant until = base::after(x.now(), next.delay);
      const base::Result<void> rested = co_await rest(x, until, WaitFor::backoff);
      if (!rested) co_return co_await give_up(x, rested.error());
    }
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
    refusal = read_request(head, plan.rules, plan.routes, request);
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
