// A downstream is a client's connection; it belongs to one event loop. Each of its requests is an
// exchange: it goes to the upstream of its route, in as many attempts as that takes. These are the
// phases of an exchange, in the order in which they happen:
//
//   read      serve(), answer()   the request's head is read, and admitted or refused
//   delay     Delay               its backoff and a pause of the route end
//   turn      queue_up()          it gets its permit where requests in flight are limited, and its
//                                 turn where they are paced
//   token     queue_up()          mostly there is one, and nobody waits
//   attempt   attempt_and_act()   connect, send, hear the response's head (Hearing)
//   judge     outcome_of(), then decide(), or TokenReplay::judge() where the token was rejected
//   and one of
//     relay     relay_response()  the upstream's response goes to the client
//     give up   reply()           a reply of our own does
//     refresh   refresh()         then the request is replayed, with another token
//     prove                       the request is replayed, with a proof that has the nonce
//     back off  back_off()        then the request is retried, after a delay
//   report    report_attempt() after each attempt, report_end() once
//
// Each wait ends early where the client leaves. A drain lets an exchange come to its end; where the
// loop ends before, a response is cut so that half of it does not look whole.
#include "relay/exchange.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/advice.h"
#include "http/head_parser.h"
#include "relay/attempt.h"
#include "relay/attempt_outcome.h"
#include "relay/client/http2_connection.h"
#include "relay/client/lingering.h"
#include "relay/client/request_reader.h"
#include "relay/exchange_state.h"
#include "relay/hearing.h"
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

// After this many answers of our own, the loop's other clients have their turn.
constexpr unsigned kAnswersAtOnce = 16;

/// The request is no longer under way. Its response may name a quota of the route's.
void note_quota(Exchange& exchange, Pacer::UnderWay& under_way, const http::ResponseHead& head,
                const Outcome& outcome) {
  // The shorter of two readings is no promise, and a gRPC call's pushback is meant for it alone.
  const bool told = outcome.status >= 400 && !outcome.retry_after_vague && !outcome.grpc_status;
  const auto asked = told ? outcome.retry_after : std::nullopt;
  exchange.route.shared.pacer.answered(under_way, exchange.request.method_text(),
                                       exchange.request.target_text(), head.fields, asked,
                                       exchange.context().loop);
}

/// A time to wait may hold other requests too, and a success ends the pause of its kind. A quota's
/// reset is left to pacing, unless it is so far away that pacing would let them go to be refused.
void note_pause(Exchange& exchange, const Outcome& outcome) {
  Route& route = exchange.route.shared;
  const base::Duration window = exchange.options().retry.window;
  constexpr int kTooManyRequests = 429;
  const bool long_refusal = outcome.judged_status() == kTooManyRequests && !outcome.grpc_status &&
                            !outcome.retry_after_vague && outcome.retry_after > window;
  const bool whole_route =
      outcome.pauses_route ||
      (long_refusal &&
       !route.kind_pause.begin(kind_of(exchange.request), exchange.now(), *outcome.retry_after));
  if (whole_route) route.pause.begin(exchange.now(), *outcome.retry_after, window);
  const bool served = !outcome.fault && outcome.judged_status() < 400;
  if (served && route.kind_pause.any(exchange.now())) {
    route.kind_pause.served(kind_of(exchange.request));
  }
}

[[gnu::cold]] Task<Disposition> give_up(Exchange& exchange, const Error& fault) {
  if (fault.code == Errc::client_left) co_return Disposition::close;
  if (exchange.progress.download()) {  // the client is in the middle of a body
    report_cut(exchange, fault);
    co_return Disposition::close;
  }
  co_return co_await reply(exchange, fault);
}

Decision decide_after(Exchange& exchange, const Outcome& outcome) {
  const Progress& progress = exchange.progress;
  const Situation situation{.retries = progress.retries,
                            .plain_500_retries = progress.plain_500_retries,
                            .replaced = progress.replaced,
                            .idempotent = exchange.request.idempotent,
                            .unkept = exchange.body.unkept(),
                            .now = exchange.now(),
                            .window_ends = exchange.window_ends};
  if (outcome.rejected) return exchange.progress.rare().replay.judge(outcome, situation);
  return decide(outcome, situation, exchange.options().retry, exchange.context().jitter());
}

/// The next attempt is a retry, and its time comes later.
void back_off(Exchange& exchange, const Decision& next) {
  Progress& progress = exchange.progress;
  progress.retries += next.counted ? 1 : 0;
  progress.permit = {};
  if (progress.rarely) progress.rarely->tried = {};
  progress.backs_off = true;
  progress.backoff_ends = base::after(exchange.now(), next.delay);
}

[[gnu::cold]] Error broke_off() {
  return {Errc::response_incomplete, "it broke off again and again",
          advice_on(Trouble::retries_used_up)};
}

/// A download broke off. If it has advanced since the last break, it goes on at once, with a new
/// window; otherwise this is a lost connection like any other, and may be an error.
[[gnu::cold]] base::Result<void> resume(Exchange& exchange) {
  constexpr std::uint64_t kProgressBytes = 64u << 10;
  Progress& progress = exchange.progress;
  const bool first = exchange.account.resumed == 0 && progress.cause != Cause::resume;
  progress.cause = Cause::resume;
  progress.for_nonce = 0;
  Decision next{Action::back_off, {}, Reason::none, false};
  if (first || progress.download()->received >= kProgressBytes) {
    progress.retries = progress.plain_500_retries = 0;
    progress.replaced = false;
    exchange.window_ends = exchange.new_window();
  } else {
    Outcome lost;
    lost.fault = Errc::connection_lost;
    next = decide_after(exchange, lost);
  }
  if (next.action == Action::give_up) return broke_off();
  back_off(exchange, next);
  return {};
}

/// Notes whether the API takes a token with which a request was replayed.
void note_token(Exchange& exchange, const Outcome& outcome) {
  if (!exchange.progress.rarely) return;  // it is no replay
  const std::optional<bool> accepted = exchange.progress.rare().replay.end(outcome);
  const std::uint64_t generation = exchange.progress.token->generation;
  if (accepted) exchange.route.token.replayed(generation, *accepted);
}

/// The token is dead for the next request, too, where this one cannot go again.
[[gnu::cold]] void note_rejection(Exchange& exchange, const Decision& next) {
  const std::optional<NotReplayable> unkept = exchange.body.unkept();
  if (unkept && next.because == no_body(*unkept))
    exchange.route.token.rejected_for_good(*exchange.progress.token);
}

/// Puts another token into the exchange, after a response that rejects the one it had. If there is
/// no other, the response is relayed, and the exchange is over.
Task<std::optional<Disposition>> refresh(Exchange& exchange, Attempt& attempt) {
  const base::Result<void> renewed = co_await renew_token(exchange);
  if (exchange.client_left()) co_return Disposition::close;
  if (renewed) co_return std::nullopt;
  report_not_replayed(exchange, renewed.error());
  const std::optional<Disposition> over = co_await relay_response(exchange, attempt);
  // No `?:` with a co_await in it: GCC 12 would call give_up() in either case.
  if (over) co_return *over;
  co_return co_await give_up(exchange, broke_off());
}

/// Decides what to do after an attempt. Notes what the attempt says about the route, the token and
/// the next attempt.
Decision judge(Exchange& exchange, Attempt& attempt, Pacer::UnderWay& under_way,
               const base::Result<void>& heard) {
  Progress& progress = exchange.progress;
  Route& route = exchange.route.shared;
  ++exchange.account.attempts;
  progress.pauses_met = 0;
  const Outcome outcome = outcome_of(exchange, attempt, heard);
  if (heard) note_quota(exchange, under_way, attempt.response(), outcome);
  under_way = {};
  note_pause(exchange, outcome);
  if (outcome.lost()) attempt.evict_idle_peers();
  if (outcome.misdirected) attempt.retire_shared();
  const Decision next = decide_after(exchange, outcome);
  if (serves_again(progress, outcome, next)) route.pause.end(progress.tried());
  note_token(exchange, outcome);
  if (outcome.rejected) note_rejection(exchange, next);
  report_attempt(exchange, outcome, next, detail_of(exchange, attempt, heard));
  if (next.action == Action::relay) return next;
  const bool again = next.action == Action::back_off;
  if (again && outcome.plain_500()) ++progress.plain_500_retries;
  if (again && !outcome.rejected && !next.counted) progress.replaced = true;
  progress.cause = cause_after(outcome);
  progress.for_nonce = next.action == Action::prove ? progress.for_nonce + 1 : 0;
  return next;
}

/// Makes one attempt, and acts on its outcome. Null if the exchange goes on with another one, or is
/// given up because of the fault that is now in `well`.
Task<std::optional<Disposition>> attempt_and_act(Exchange& exchange, Pacer::UnderWay& under_way,
                                                 base::Result<void>& well) {
  exchange.progress.token = exchange.route.token.hold();
  Attempt attempt(exchange.client, exchange.route, exchange.request, exchange.body);
  report_attempt_began(exchange);
  const base::Instant began = exchange.now();
  base::Result<void> heard;
  if (must_await_body(exchange)) heard = co_await await_body(exchange, attempt);
  if (heard && !take_kept(exchange, attempt)) heard = co_await connect(exchange, attempt);
  if (heard) {
    Hearing hearing(exchange, attempt, heard);
    while (hearing.goes_on()) {
      const Wait wait = hearing.wait();
      const Wake woke = co_await wait.next();
      hearing.go_on(woke);
    }
  }
  if (exchange.account.attempts == 0) exchange.leave_out_of_window(began);
  const Decision next = judge(exchange, attempt, under_way, heard);
  std::optional<Disposition> over;
  switch (next.action) {
    case Action::relay:
      over = co_await relay_response(exchange, attempt);
      if (!over) well = resume(exchange);
      break;
    case Action::refresh:
      over = co_await refresh(exchange, attempt);
      if (!over) attempt.release();
      break;
    case Action::prove: attempt.release(); break;
    case Action::back_off:
      back_off(exchange, next);
      if (heard) attempt.release();
      break;
    case Action::give_up: well = std::move(heard); break;
  }
  co_return over;
}

/// The whole story of a request. This frame stays in memory while the request waits. So what
/// belongs to one attempt is elsewhere, and one `well` serves the end of each phase.
Task<Disposition> carry(Downstream& client, std::unique_ptr<Request> request) {
  std::unique_ptr<BodySource> unread;
  std::optional<Disposition> over;
  {
    Exchange exchange(client, *request);
    while (!over) {
      Pacer::UnderWay under_way;
      base::Result<void> well = came_in_time(exchange);
      do {
        under_way = {};  // a request that is delayed is not under way
        for (Delay delay(exchange); delay.goes_on(well);) co_await delay.sleep();
        if (well && must_queue(exchange)) well = co_await queue_up(exchange, under_way);
      } while (well && (must_delay(exchange) || !exchange.route.token.current()));
      if (well) over = co_await attempt_and_act(exchange, under_way, well);
      if (!well) over = co_await give_up(exchange, well.error());
      if (!over) exchange.body.rewind();
    }
    exchange.progress.over = true;
    report_end(exchange);
    if (!exchange.body.received()) unread = std::move(exchange.body).rest();
  }
  // The exchange is over and its memory is free, though its client may still send for a while.
  const bool sends = unread && *over == Disposition::next_request;
  if (!sends) co_return *over;
  Task<Disposition> discarding =  // it has a name for the frame: see serve()
      discard(client, std::move(unread));
  co_return co_await discarding;
}

/// Takes the head that has come out of client.in, and puts its content into `request`. Returns the
/// reply if it is refused, else null.
std::unique_ptr<LocalReply> take_head(Downstream& client, RequestHeadRead& head_read,
                                      Request& request) {
  LoopContext& context = client.context;
  request.http2 = client.kind == Downstream::Kind::http2_stream;
  if (head_read.reply) {
    context.request_ids.make(request.id);
    return std::move(head_read.reply);
  }
  http::RequestHead& head = context.scratch.request;
  const Snapshot& snapshot = context.routes->snapshot();
  head.fields.limit(snapshot.request_fields_max);
  const http::HeadFault fault = http::parse_request_head(head_read.head(client), head);
  context.request_ids.choose(head.fields, request.id);
  if (context.traces) {
    const auto trace =
        read_trace(head.fields, context.traces->sample(), context.request_ids, request.id);
    if (trace) request.trace = std::make_unique<TraceContext>(*trace);
  }
  std::optional<LocalReply> refusal;
  if (fault == http::HeadFault::none) {
    refusal = read_request(
        head, snapshot.rules, snapshot.routes, request,
        [&](std::string_view host) { return client.stream->came_in_at(host); },
        [&] { return client.stream->own_port(); });
  } else {
    read_page(head.fields, snapshot.rules, request);
    refusal = malformed_request(fault, head_read.head(client));
  }
  client.in.consume(head_read.bytes);  // nothing refers to the head any more
  if (!request.keep_alive) client.stream->expect_end();
  return refusal ? std::make_unique<LocalReply>(*std::move(refusal)) : nullptr;
}

/// Answers the request whose head has come.
Task<Disposition> answer(Downstream& client, RequestHeadRead& head_read) {
  auto request = std::make_unique<Request>();
  std::unique_ptr<LocalReply> refusal = take_head(client, head_read, *request);
  if (refusal) return refuse(client, std::move(request), std::move(refusal));
  if (request->wants_stub) return answer_with_stub(client, std::move(request));
  return carry(client, std::move(request));
}

Task<void> let_others_go(Downstream& client) {
  co_await client.sleeper.let_others_go();
}

}  // namespace

// Its frame is there as long as its client is. So one task stands for the three that do not come
// at once: GCC 12 keeps a place in the frame for each that has no name.
wire::SessionTask<Downstream> serve(Downstream& client) {
  Task<void> phase;
  for (unsigned answers = 0;; ++answers) {
    // Requests that came together and that we answer ourselves wait for nothing.
    if (answers % kAnswersAtOnce == kAnswersAtOnce - 1) {
      phase = let_others_go(client);
      co_await phase;
    }
    RequestHeadRead head_read;
    phase = read_request_head(client, head_read);
    co_await phase;
    phase = {};  // its memory is free while the request waits
    if (head_read.ended) co_return;
    if (answers == 0 && begins_http2(client, head_read)) {
      phase = serve_http2(client);
      co_await phase;
      co_return;
    }
    const Disposition then = co_await answer(client, head_read);
    if (then == Disposition::close) break;
    if (then == Disposition::cut) client.stream->reset_on_close();
    if (then != Disposition::next_request) co_return;
    // A stream of HTTP/2 carries one request, whatever its client sends after it.
    if (client.kind != Downstream::Kind::http2_stream) continue;
    if (sent_all(client)) co_return;
    break;
  }
  phase = linger(client);
  co_await phase;
}

}  // namespace bearer::relay
