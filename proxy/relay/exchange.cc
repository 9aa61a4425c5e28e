// A downstream is a client's connection; it belongs to one event loop. Each of its requests is an
// exchange: it goes to the upstream of its route, in as many attempts as that takes. These are the
// phases of an exchange, in the order in which they happen:
//
//   read      serve(), answer()   the request's head is read, and admitted or refused
//   turn      take_turn()         a pause of the route ends, pacing gives a permit, and so does the
//                                 limit of requests in flight
//   token     wait_for_token()    mostly there is one, and nobody waits
//   attempt   attempt_once()      connect, send, hear the response's head
//   judge     decide(), or TokenReplay::judge() where the token was refused
//   and one of
//     relay     relay_response()  the upstream's response goes to the client
//     give up   reply()           a reply of our own does
//     refresh   renew_token()     then the request is replayed, with another token
//     prove                       the request is replayed, with a proof that has the nonce
//     back off  rest()            then the request is retried, from its turn on
//   report    report_attempt() after each attempt, report_end() once
//
// Each wait ends early where the client leaves. A drain lets an exchange come to its end; where the
// loop ends before, a response is cut so that half of it does not look whole.
#include "relay/exchange.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/advice.h"
#include "http/challenge.h"
#include "http/grpc/call.h"
#include "http/head_parser.h"
#include "http/retry_after.h"
#include "relay/attempt.h"
#include "relay/body/idle_timer.h"
#include "relay/body/soap.h"
#include "relay/client/http2_connection.h"
#include "relay/client/lingering.h"
#include "relay/client/request_reader.h"
#include "relay/exchange_state.h"
#include "relay/loop_context.h"
#include "relay/reach.h"
#include "relay/relay_response.h"
#include "relay/reply.h"
#include "relay/report.h"
#include "relay/waits.h"

namespace bearer::relay {
namespace {

using base::advice_on;
using base::Errc;
using base::Error;
using base::Trouble;
using net::Task;
using net::Wait;
using net::Wake;

// ── One try. ──

/// When the attempt has been silent for too long. A head that keeps coming is not late: some
/// upstreams tell their progress in fields of it.
base::Instant late_at(const Exchange& exchange, const Attempt& attempt, const IdleTimer& upload,
                      const IdleTimer& head) {
  if (!attempt.uploaded()) return upload.deadline(exchange.options.idle_timeout);
  constexpr int kTimesMax = 10;
  const base::Duration timeout = exchange.options.response_timeout;
  const base::Instant end =
      base::after(upload.since, std::min(timeout, base::Duration::max() / kTimesMax) * kTimesMax);
  return std::min(base::after(std::max(upload.since, head.since), timeout), end);
}

[[gnu::cold]] Error too_late(const Attempt& attempt) {
  if (attempt.awaiting_client())
    return {Errc::request_timeout, "the request's body stopped coming",
            advice_on(Trouble::silent_body)};
  return {Errc::response_timeout, "no answer came in time", advice_on(Trouble::no_response)};
}

/// The body is wanted now: a client that asked first is told to send it.
void wanted(Exchange& exchange) {
  if (exchange.body.untouched()) ask_for_body(exchange.client, exchange.request);
}

/// Whether the upload may go on. A file that failed is said once, and ends the request only where a
/// replay needs it.
base::Result<void> check_upload(Exchange& exchange, TransferState moved) {
  const std::optional<Error>& spill = exchange.body.spill_failure();
  if (spill && !exchange.progress.spill_failure_said) report_body_not_kept(exchange, *spill);
  exchange.progress.spill_failure_said = spill.has_value();
  if (moved == TransferState::sender_left && exchange.body.unreadable()) return *spill;
  if (moved == TransferState::sender_left) return Error{Errc::client_left, ""};
  if (moved == TransferState::sender_broke)
    return Error{Errc::request_malformed, "a chunk of the request's body is malformed"};
  return {};
}

/// The proof that goes with the attempt's token; empty where that needs none.
base::Result<std::string_view> prove(Exchange& exchange, std::string_view head) {
  const token::Token& token = *exchange.progress.token;
  if (!token.binding) return std::string_view();
  const std::string_view method = head.substr(0, head.find(' '));
  head.remove_prefix(method.size() + 1);
  exchange.progress.nonce = exchange.route.nonce.number();
  return exchange.route.token.prover(token).prove({.method = method,
                                                   .origin = exchange.route.shared.origin,
                                                   .target = head.substr(0, head.find(' ')),
                                                   .token_digest = token.digest,
                                                   .nonce = exchange.route.nonce.value(),
                                                   .now = exchange.context.wall()});
}

/// Sends the request and reads as far as the response's head.
Task<base::Result<void>> attempt_once(Exchange& exchange, Attempt& attempt) {
  if (!reach_at_once(exchange, attempt)) {
    const base::Result<void> connected = co_await reach(exchange, attempt);
    if (!connected) co_return connected.error();
  }
  wanted(exchange);
  const Download* download = exchange.progress.download.get();
  const base::Result<std::string_view> proof = prove(
      exchange, download ? std::string_view(download->request_head) : exchange.request.head.view());
  if (!proof) co_return proof.error();
  const Authorization authorization{exchange.progress.token->value.reveal(), *proof};
  TransferState up = download ? attempt.send_for_rest(download->request_head, authorization)
                              : attempt.send(authorization);
  IdleTimer upload{exchange.now(), attempt.upload_progress()};
  IdleTimer head{exchange.now(), attempt.heard()};
  for (bool late = false;;) {
    const base::Result<void> sound = check_upload(exchange, up);
    if (!sound) co_return sound.error();
    // Where the upstream takes no more of the request, it may have said why.
    switch (attempt.poll_response_head()) {
      case Attempt::HeadState::head: co_return {};
      case Attempt::HeadState::malformed: co_return malformed(exchange, attempt);
      case Attempt::HeadState::lost: co_return lost(exchange, attempt);
      case Attempt::HeadState::again: exchange.client.sleeper.wake(); break;
      case Attempt::HeadState::nothing: break;
    }
    head.note(attempt.heard(), exchange.now());
    const base::Instant deadline = late_at(exchange, attempt, upload, head);
    if (late && exchange.now() >= deadline) co_return too_late(attempt);
    if (up == TransferState::again) exchange.client.sleeper.wake();
    const Wait wait = exchange.until(deadline);
    const Wake woke = co_await wait.next();
    if (woke == Wake::peer_closed) co_return Error{Errc::client_left, ""};
    // A 100 or another interim response may not have gone out whole.
    if (!exchange.client.out.flush(*exchange.client.stream)) co_return Error{Errc::client_left, ""};
    if (!attempt.uploaded() && up != TransferState::receiver_left) up = attempt.upload();
    upload.note(attempt.upload_progress(), exchange.now());
    // What has come is read before it is called late: we may have been stopped, or a laptop asleep.
    late = woke == Wake::timed_out;
  }
}

// ── The story. ──

/// The token is dead, in one of the forms in which APIs say so.
bool refuses_token(const Exchange& exchange, const http::ResponseHead& head) {
  const auto status = static_cast<std::size_t>(head.status);
  return exchange.options.retry.renew_statuses.test(status) ||
         (status >= 400 && status < 500 && http::invalid_token(head.fields));
}

/// What the response says of the proof that it got, and of the next one.
void read_nonce(Exchange& exchange, const http::ResponseHead& head, Outcome& outcome) {
  DpopNonce& nonce = exchange.route.nonce;
  nonce.learn(http::dpop_nonce(head.fields));
  outcome.nonce_asked = head.status == 401 && http::wants_dpop_nonce(head.fields);
  outcome.nonce_new = !exchange.progress.for_nonce && nonce.number() != exchange.progress.nonce;
}

/// How old the token is that was refused, and whether any of its kind is taken yet.
void read_token(const Exchange& exchange, Outcome& outcome) {
  const token::Token& token = *exchange.progress.token;
  outcome.token_age = exchange.now() - token.asked;
  outcome.taking = exchange.route.token.taking(token.generation);
}

/// A gRPC call says with status 200 that it failed. Its pushback is meant for this call alone.
void read_grpc(const http::GrpcFailure& failure, const Exchange& exchange, Outcome& outcome) {
  constexpr int kRefusedForNow = 429, kUnavailable = 503;
  outcome.grpc_status = failure.status;
  outcome.retry_forbidden = failure.retry_forbidden;
  outcome.retry_after = failure.delay;
  switch (static_cast<http::GrpcStatus>(failure.status)) {
    case http::GrpcStatus::unauthenticated:
      outcome.refused = true;
      read_token(exchange, outcome);
      break;
    case http::GrpcStatus::unavailable: outcome.judged_as = kUnavailable; break;
    case http::GrpcStatus::resource_exhausted:
      // Without a word of when, more than a quota may be meant: the size of a message, a disk.
      if (failure.delay || failure.retry_forbidden) outcome.judged_as = kRefusedForNow;
      break;
    default: break;
  }
}

/// What the response says to the decision. A 403 that is a rate limit is judged as a 429, and says
/// nothing of the token.
void read_response(Exchange& exchange, const http::ResponseHead& head, Outcome& outcome) {
  const base::WallTime now = exchange.context.wall();
  outcome.status = head.status;
  if (exchange.progress.token->binding) read_nonce(exchange, head, outcome);
  if (exchange.request.grpc) {
    if (const auto failure = http::grpc_failure(head)) return read_grpc(*failure, exchange, outcome);
  }
  const bool rate_limited = head.status == 403 && http::is_rate_limit(403, head.fields, now);
  if (rate_limited) outcome.judged_as = 429;
  outcome.refused = !rate_limited && !outcome.nonce_asked && refuses_token(exchange, head);
  if (outcome.refused) {
    outcome.insufficient_scope = http::insufficient_scope(head.fields);
    read_token(exchange, outcome);
  }
  if (!retryable(outcome, exchange.options.retry)) return;
  outcome.soap_fault = is_soap_fault(head, exchange.request.method, exchange.request.head);
  outcome.retry_forbidden = http::forbids_retry(head.fields);
  const auto asked = http::retry_delay(head.status, head.fields, now);
  if (!asked) return;
  outcome.retry_after = asked->delay;
  outcome.retry_after_vague = asked->vague;
  outcome.pauses_route = asked->pauses_route;
}

Outcome outcome_of(Exchange& exchange, Attempt& attempt, const base::Result<void>& sent) {
  Outcome outcome;
  outcome.retries = exchange.progress.retries;
  outcome.plain_500_retries = exchange.progress.plain_500_retries;
  outcome.idempotent = exchange.request.idempotent;
  outcome.unkept = exchange.body.unkept();
  outcome.now = exchange.now();
  outcome.window_ends = exchange.window_ends;
  outcome.reused = attempt.reused();
  outcome.replaced = exchange.progress.replaced;
  if (sent) {
    read_response(exchange, attempt.response(), outcome);
    outcome.misdirected = outcome.status == 421 && attempt.shared();
  } else {
    outcome.fault = sent.error().code;
    outcome.sent = attempt.sent_any();
  }
  return outcome;
}

/// The request is under way no longer; its response may name a quota of the route's.
void note_quota(Exchange& exchange, Pacer::Permit& permit, const http::ResponseHead& head) {
  exchange.route.shared.pacer.answered(permit, exchange.request.method_text(),
                                       exchange.request.target, head.fields, exchange.context.loop);
}

[[gnu::cold]] std::string detail_of_refusal(const Exchange& exchange,
                                            const http::ResponseHead& head) {
  const auto challenge = http::bearer_challenge(head.fields);
  if (!challenge) return {};
  std::string detail = challenge->error;
  exchange.progress.token->value.redact(detail);
  return detail;
}

/// What the log says beside the decision.
std::string detail_of(const Exchange& exchange, Attempt& attempt, const base::Result<void>& sent) {
  if (!sent) return sent.error().sentence();
  const http::ResponseHead& head = attempt.response();
  const bool refused = head.status == 401 || head.status == 403;
  return refused ? detail_of_refusal(exchange, head) : std::string();
}

/// The attempt has probed a pause, and that is over before its time.
bool serves_again(const Progress& progress, const Outcome& outcome, const Decision& next) {
  return progress.probed != base::Instant{} && !outcome.fault && outcome.judged_status() < 500 &&
         next.because == Reason::final_answer;
}

[[gnu::cold]] Task<Disposition> give_up(Exchange& exchange, const Error& fault) {
  if (fault.code == Errc::client_left) co_return Disposition::close;
  if (exchange.progress.download) {  // the client is in the middle of a body
    report_cut(exchange, fault);
    co_return Disposition::close;
  }
  LocalReply answer = reply_for(exchange, fault);
  co_return co_await reply(exchange, std::move(answer));
}

[[gnu::cold]] Error broke_off() {
  return {Errc::response_incomplete, "it broke off again and again",
          advice_on(Trouble::retries_used_up)};
}

/// A download broke off. Where it had got on since the last time it goes on at once, with a window
/// of its own; else this is a lost connection like any other.
[[gnu::cold]] Decision after_break(Exchange& exchange) {
  constexpr std::uint64_t kProgressBytes = 64u << 10;
  Progress& progress = exchange.progress;
  const bool first = exchange.account.resumed == 0 && progress.cause != Cause::resume;
  if (first || progress.download->received >= kProgressBytes) {
    progress.retries = progress.plain_500_retries = 0;
    progress.replaced = false;
    exchange.window_ends = exchange.new_window();
    return {Action::back_off, {}, Reason::none, false};
  }
  Outcome lost;
  lost.fault = Errc::connection_lost;
  lost.retries = progress.retries;
  lost.now = exchange.now();
  lost.window_ends = exchange.window_ends;
  return decide(lost, exchange.options.retry, exchange.context.jitter());
}

Task<Disposition> run(Exchange& exchange) {
  Progress& progress = exchange.progress;
  Route& route = exchange.route.shared;
  TokenSlot& tokens = exchange.route.token;
  for (;;) {
    Pacer::Permit permit;
    if (must_take_turn(exchange)) {
      const base::Result<void> turn = co_await take_turn(exchange, permit);
      if (!turn) co_return co_await give_up(exchange, turn.error());
    }
    if (tokens.current()) {
      progress.token = tokens.hold();
    } else {
      const base::Result<void> token = co_await wait_for_token(exchange);
      if (!token) co_return co_await give_up(exchange, token.error());
    }

    Decision next;
    bool broke = false;  // a download, in its middle
    {
      Attempt attempt(exchange.client, exchange.route, exchange.request, exchange.body);
      report_attempt_began(exchange);
      const base::Result<void> sent = co_await attempt_once(exchange, attempt);
      ++exchange.account.attempts;
      if (sent) note_quota(exchange, permit, attempt.response());
      permit = {};
      const Outcome outcome = outcome_of(exchange, attempt, sent);
      if (outcome.pauses_route)
        route.pause.begin(exchange.now(), *outcome.retry_after, exchange.options.retry.window);
      if (outcome.lost()) attempt.evict_idle_peers();
      if (outcome.misdirected) attempt.retire_shared();
      next = outcome.refused ? progress.replay.judge(outcome)
                             : decide(outcome, exchange.options.retry, exchange.context.jitter());
      if (serves_again(progress, outcome, next)) route.pause.end(progress.probed);
      const bool taking = outcome.refused && next.action == Action::back_off;
      if (taking) tokens.await_taking(progress.token->generation);
      const std::optional<bool> accepted = taking ? std::nullopt : progress.replay.end(outcome);
      if (accepted) tokens.replayed(progress.token->generation, *accepted);
      report_attempt(exchange, outcome, next, detail_of(exchange, attempt, sent));

      switch (next.action) {
        case Action::relay: {
          const std::optional<Disposition> over = co_await relay_response(exchange, attempt);
          if (over) co_return *over;
          broke = true;
          next = after_break(exchange);
          if (next.action == Action::give_up) co_return co_await give_up(exchange, broke_off());
          break;
        }
        case Action::give_up: co_return co_await give_up(exchange, sent.error());
        case Action::refresh: {
          const base::Result<void> renewed = co_await renew_token(exchange);
          if (exchange.client_left()) co_return Disposition::close;
          if (!renewed) report_not_replayed(exchange, renewed.error());
          if (!renewed) {
            const std::optional<Disposition> over = co_await relay_response(exchange, attempt);
            // No `?:` with a co_await in it: GCC 12 would give up in any case.
            if (over) co_return *over;
            co_return co_await give_up(exchange, broke_off());
          }
          break;
        }
        case Action::prove: break;
        case Action::back_off:
          progress.plain_500_retries += outcome.plain_500() ? 1 : 0;
          progress.replaced |= !next.counted && outcome.lost();
          break;
      }
      if (sent && !broke) attempt.release();
      progress.cause = broke ? Cause::resume : cause_after(outcome);
      progress.for_nonce = next.action == Action::prove;
    }
    if (next.action == Action::back_off) {
      progress.retries += next.counted ? 1 : 0;
      progress.permit = {};
      progress.probed = {};
      const base::Instant until = base::after(exchange.now(), next.delay);
      const base::Result<void> rested = co_await rest(exchange, until, WaitFor::backoff);
      if (!rested) co_return co_await give_up(exchange, rested.error());
    }
    exchange.body.rewind();
  }
}

/// A head has come: answers its request, which may be the connection's `first`.
Task<Disposition> answer(Downstream& client, const RequestHeadRead& arrival, bool first) {
  LoopContext& context = client.context;
  Request request;
  request.http2 = client.kind == Downstream::Kind::http2_stream;
  if (arrival.reply) {
    context.request_ids.make(request.id);
    co_return co_await refuse(client, request, *arrival.reply);
  }
  http::RequestHead& head = context.scratch.request;
  const Snapshot& snapshot = context.routes->snapshot();
  head.fields.limit(snapshot.request_fields_max);
  const http::HeadFault fault = http::parse_request_head(arrival.head(client), head);
  if (fault == http::HeadFault::version_unsupported && first && begins_http2(client, arrival)) {
    co_return Disposition::http2;
  }
  context.request_ids.choose(head.fields, request.id);
  if (context.traces) read_trace(head.fields, context.request_ids, request.id, request.trace);
  std::optional<LocalReply> refusal;
  if (fault == http::HeadFault::none) {
    refusal = read_request(
        head, snapshot.rules, snapshot.routes, request,
        [&](std::string_view host) { return client.stream->came_in_at(host); },
        [&] { return client.stream->own_port(); });
  } else {
    read_page(head.fields, snapshot.rules, request);
    refusal = malformed_request(fault, arrival.head(client));
  }
  client.in.consume(arrival.bytes);  // nothing refers to the head any more
  if (!request.keep_alive) client.stream->expect_end();
  if (refusal) co_return co_await refuse(client, request, *std::move(refusal));
  if (request.wants_stub) co_return co_await answer_with_stub(client, request);

  std::optional<BodySource> unread;
  Disposition then = Disposition::close;
  {
    Exchange exchange(client, request);
    then = co_await run(exchange);
    exchange.over = true;
    report_end(exchange);
    if (!exchange.body.received()) unread = std::move(exchange.body).rest();
  }
  // The exchange is over, with all that it held, though its client may send for a while.
  const bool sends = unread && then == Disposition::next_request;
  if (sends) co_return co_await discard(client, *std::move(unread));
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
    const Disposition then = co_await answer(client, arrival, answers == 0);
    if (then == Disposition::close) break;
    if (then == Disposition::drop) co_return;
    if (then == Disposition::http2) co_return co_await serve_http2(client);
    if (then == Disposition::cut) co_return client.stream->reset_on_close();
  }
  co_await linger(client);
}

}  // namespace bearer::relay
