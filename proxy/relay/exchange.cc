#include "relay/exchange.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "http/challenge.h"
#include "http/head_parser.h"
#include "http/retry_after.h"
#include "relay/arrival.h"
#include "relay/attempt.h"
#include "relay/exchange_state.h"
#include "relay/reply.h"
#include "relay/report.h"
#include "relay/response_head.h"
#include "relay/waits.h"
#include "relay/worker.h"

namespace bearer::relay {
namespace {

using base::Errc;
using base::Error;
using net::Task;
using net::Wait;
using net::Woke;

// ── One try. ──

/// When a body or a tunnel has stood still for too long.
base::Instant idle_deadline(const Exchange& x, base::Instant silent_since) {
  const bool endless = x.options.idle_timeout == base::Duration{};
  return endless ? base::kNever : base::after(silent_since, x.options.idle_timeout);
}

/// When the attempt has been silent for too long.
base::Instant patience(const Exchange& x, const Attempt& attempt, base::Instant silent_since) {
  if (attempt.uploaded()) return base::after(silent_since, x.options.response_timeout);
  return idle_deadline(x, silent_since);
}

Error out_of_patience(const Attempt& attempt) {
  if (attempt.starved()) return {Errc::request_timeout, "the request's body stopped coming"};
  return {Errc::response_timeout, "no answer came in time; see --response-timeout"};
}

Task<std::optional<Error>> connect(Exchange& x, Attempt& attempt) {
  if (x.lane.route.in_flight.limited()) {
    const base::Instant began = x.now();
    const Woke woke = co_await x.lane.route.in_flight.enter(x.until(x.window_ends), attempt.slot);
    x.waited[WaitFor::queue] += x.now() - began;
    if (woke == Woke::left) co_return Error{Errc::client_left, ""};
    if (woke == Woke::late) co_return Error{Errc::queue_too_long, "see --max-in-flight"};
  }
  // What cannot be sent again must not meet a connection that is dead already.
  if (auto parked = x.lane.pool.take(!x.request.idempotent)) {
    attempt.use(std::move(*parked));
    co_return std::nullopt;
  }
  const Wait wait = x.for_at_most(x.options.connect_timeout);
  base::Result<net::Dialed> dialed = co_await x.lane.dialer->dial(wait);
  if (!dialed) co_return dialed.error();
  attempt.use({std::move(dialed->stream), dialed->address});
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
std::optional<Error> upload_fault(Exchange& x, Moved moved) {
  const std::optional<Error>& spill = x.body.spill_failure();
  if (spill && !x.spill_failure_said) x.worker.observer().body_not_kept(x.request, *spill);
  x.spill_failure_said = spill.has_value();
  if (moved == Moved::sender_left && x.body.unreadable()) return spill;
  if (moved == Moved::sender_left) return Error{Errc::client_left, ""};
  if (moved == Moved::sender_broke) return Error{Errc::request_malformed, "malformed chunk"};
  return std::nullopt;
}

/// Sends the request and reads the answer's head into the loop's scratch; or says what went wrong.
Task<std::optional<Error>> attempt_once(Exchange& x, Attempt& attempt) {
  std::optional<Error> fault = co_await connect(x, attempt);
  if (fault) co_return fault;
  wanted(x);
  Moved up = attempt.send(x.token->value.reveal());
  base::Instant silent_since = x.now();
  std::uint64_t progress = attempt.upload_progress();
  for (;;) {
    fault = upload_fault(x, up);
    if (fault) co_return fault;
    // Where the upstream takes no more of the request, it may have said why.
    switch (attempt.hear()) {
      case Attempt::Heard::head: co_return std::nullopt;
      case Attempt::Heard::malformed:
        co_return Error{Errc::response_malformed, std::string(http::sentence(attempt.fault()))};
      case Attempt::Heard::lost:
        co_return Error{Errc::connection_lost, "the upstream closed the connection"};
      case Attempt::Heard::again: x.client.sleeper.wake(); break;
      case Attempt::Heard::nothing: break;
    }
    if (up == Moved::again) x.client.sleeper.wake();
    const Wait wait = x.until(patience(x, attempt, silent_since));
    const Woke woke = co_await wait.next();
    if (woke == Woke::left) co_return Error{Errc::client_left, ""};
    if (woke == Woke::late) co_return out_of_patience(attempt);
    // A 100 or another interim response may not have gone out whole.
    if (!x.client.out.flush(*x.client.stream)) co_return Error{Errc::client_left, ""};
    if (!attempt.uploaded() && up != Moved::receiver_left) up = attempt.upload();
    if (progress != attempt.upload_progress()) silent_since = x.now();
    progress = attempt.upload_progress();
  }
}

// ── The answer in hand goes to the client. ──

Task<Then> finish(Exchange& x, Attempt& attempt, bool close) {
  x.whole = true;
  x.request_bytes = attempt.request_bytes();
  x.response_bytes = attempt.response_bytes();
  attempt.release();
  if (close) co_return Then::close;
  if (x.body.received()) co_return Then::next_request;
  if (x.request.expects_continue) co_return Then::close;
  co_return co_await discard(x.client, x.body);
}

/// The rest of the response, and of the request while it is still on its way. True if the client
/// got all of it.
Task<bool> relay_rest(Exchange& x, Attempt& attempt, Moved down) {
  Moved up = attempt.uploaded() ? Moved::all : Moved::some;
  base::Instant silent_since = x.now();
  std::uint64_t progress = attempt.progress();
  while (down == Moved::some || down == Moved::again) {
    if (down == Moved::again || up == Moved::again) x.client.sleeper.wake();
    const Wait wait = x.until(idle_deadline(x, silent_since));
    const Woke woke = co_await wait.next();
    if (woke != Woke::changed) co_return false;
    if (up == Moved::some || up == Moved::again) up = attempt.upload();
    if (up == Moved::sender_left || up == Moved::sender_broke) co_return false;
    down = attempt.download();
    if (progress != attempt.progress()) silent_since = x.now();
    progress = attempt.progress();
  }
  co_return down == Moved::all;
}

/// After a 101: bytes both ways until both sides have ended. A side that ends its own direction has
/// not left, so nobody's departure ends the wait.
Task<Then> tunnel(Exchange& x, Attempt& attempt) {
  std::string& lines = x.worker.scratch().head;
  lines.clear();
  const http::ResponseHead& head = x.worker.scratch().response;
  if (!append_switch_head(lines, head, x.request, x.attempts)) {
    LocalReply answer = reply_for(Errc::response_malformed, "its Connection field names too much");
    co_return co_await reply(x, std::move(answer));
  }
  x.status = head.status;
  if (!x.client.out.write(*x.client.stream, lines)) co_return Then::close;

  std::optional<Tunnel> joined;
  attempt.open_tunnel(joined);
  Tunnel::Status status = joined->move();
  base::Instant silent_since = x.now();
  std::uint64_t moved = 0;
  while (status == Tunnel::Status::open || status == Tunnel::Status::again) {
    if (status == Tunnel::Status::again) x.client.sleeper.wake();
    const Wait wait{x.client.sleeper, idle_deadline(x, silent_since)};
    const Woke woke = co_await wait.next();
    if (woke == Woke::late) break;
    status = joined->move();
    const std::uint64_t now_moved = joined->bytes_up() + joined->bytes_down() + attempt.progress();
    if (moved != now_moved) silent_since = x.now();
    moved = now_moved;
  }
  x.whole = status == Tunnel::Status::over;
  x.request_bytes = joined->bytes_up();
  x.response_bytes = joined->bytes_down();
  co_return x.whole ? Then::close : Then::cut;
}

/// REQUIRES: the response's head is in the loop's scratch.
Task<Then> relay(Exchange& x, Attempt& attempt) {
  const http::ResponseHead& head = x.worker.scratch().response;
  if (head.status == 101) co_return co_await tunnel(x, attempt);
  const bool links = relinked(x.request, head);
  if (links) attempt.rewrite_links();
  const http::Framing::Kind framing = delivery_framing(x.request, attempt.framing(), links);
  const bool close =
      !x.request.keep_alive || x.worker.draining() || framing == http::Framing::Kind::until_close;
  std::string& lines = x.worker.scratch().head;
  lines.clear();
  if (!append_response_head(lines, head, x.request, {framing, close, links, x.attempts})) {
    LocalReply answer = reply_for(Errc::response_malformed, "its Connection field names too much");
    co_return co_await reply(x, std::move(answer));
  }
  x.status = head.status;
  const std::array<std::string_view, 1> before{lines};
  const Moved down = attempt.download(framing, before);
  if (down == Moved::all) co_return co_await finish(x, attempt, close);

  // Nothing has gone out yet if the first look found the body broken.
  const bool broken = down == Moved::sender_left || down == Moved::sender_broke;
  if (broken && !attempt.answered()) {
    LocalReply answer = down == Moved::sender_left
                            ? reply_for(Errc::response_incomplete, "the response has no body")
                            : reply_for(Errc::response_malformed, "the response's first chunk");
    co_return co_await reply(x, std::move(answer));
  }
  const bool whole = co_await relay_rest(x, attempt, down);
  if (whole) co_return co_await finish(x, attempt, close);
  x.request_bytes = attempt.request_bytes();
  x.response_bytes = attempt.response_bytes();
  // What was cut short must not look whole: without a length only a broken connection tells.
  co_return framing == http::Framing::Kind::until_close ? Then::cut : Then::close;
}

// ── The story. ──

Outcome outcome_of(Exchange& x, const Attempt& attempt, const std::optional<Error>& fault) {
  Outcome outcome;
  outcome.replayed_after_401 = x.replayed;
  outcome.retries = x.retries;
  outcome.idempotent = x.request.idempotent;
  outcome.unkept = x.body.unkept();
  outcome.now = x.now();
  outcome.window_ends = x.window_ends;
  outcome.reused = attempt.reused();
  if (fault) {
    outcome.fault = fault->code;
    outcome.sent = attempt.sent_any();
    return outcome;
  }
  const http::ResponseHead& head = x.worker.scratch().response;
  outcome.status = head.status;
  if (head.status == 401) outcome.insufficient_scope = http::insufficient_scope(head.fields);
  if (x.options.retry.statuses.test(static_cast<std::size_t>(head.status))) {
    const auto asked = http::retry_delay(head.status, head.fields, x.worker.parts().clock.wall());
    if (asked) outcome.retry_after = asked->delay;
    if (asked && asked->pauses_route) {
      x.lane.route.pause.begin(x.now(), asked->delay, x.options.retry.window);
    }
  }
  return outcome;
}

/// The request is under way no longer; its answer may name the route's quota.
void note_quota(Exchange& x, Pacer::Passage passage, const std::optional<Error>& fault) {
  if (fault) return;
  x.lane.route.pacer.answered(passage, x.worker.scratch().response.fields, x.worker.loop());
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

/// Tells the credential whether the fresh token was taken. A 429 or 5xx says nothing of it, but
/// ends the replay all the same: a token that is revoked while we back off has a replay of its own.
void end_replay(Exchange& x, const Outcome& outcome) {
  if (!x.replayed || outcome.fault) return;
  const bool accepted = outcome.status != 401;
  const bool verdict = outcome.status < 500 && outcome.status != 429;
  if (verdict) x.lane.token.replayed(x.token->generation, accepted);
  if (accepted) x.replayed = false;
}

Task<Then> give_up(Exchange& x, const Error& fault) {
  if (fault.code == Errc::client_left) co_return Then::close;
  LocalReply answer = reply_for(fault.code, fault.detail);
  co_return co_await reply(x, std::move(answer));
}

Task<Then> exchange(Exchange& x) {
  for (;;) {
    Pacer::Passage passage;
    if (must_take_turn(x)) {
      const bool stayed = co_await take_turn(x, passage);
      if (!stayed) co_return Then::close;
    }
    if (x.lane.token.current()) {
      x.token = x.lane.token.hold();
    } else {
      const std::optional<Error> failed = co_await wait_for_token(x, 0);
      if (failed && failed->code == Errc::client_left) co_return Then::close;
      if (failed) {
        LocalReply answer = no_token(x, *failed);
        co_return co_await reply(x, std::move(answer));
      }
    }

    std::optional<Attempt> attempt;
    attempt.emplace(x.client, x.lane, x.request, x.body);
    const std::optional<Error> fault = co_await attempt_once(x, *attempt);
    ++x.attempts;
    note_quota(x, std::move(passage), fault);
    const Outcome outcome = outcome_of(x, *attempt, fault);
    const Decision next = decide(outcome, x.options.retry, x.worker.jitter());
    note_detail(x, outcome, fault);
    end_replay(x, outcome);
    report_attempt(x, outcome, next);

    switch (next.action) {
      case Action::relay: co_return co_await relay(x, *attempt);
      case Action::give_up: co_return co_await give_up(x, *fault);
      case Action::refresh: {
        const bool renewed = co_await renew_token(x);
        if (x.client.stream->hung_up()) co_return Then::close;
        if (!renewed) {
          attempt->recall();
          co_return co_await relay(x, *attempt);
        }
        x.replayed = true;
        attempt->release();
        break;
      }
      case Action::back_off: {
        ++x.retries;
        if (!fault) attempt->release();
        attempt.reset();
        const bool stayed = co_await rest(x, base::after(x.now(), next.delay), WaitFor::backoff);
        if (!stayed) co_return Then::close;
        break;
      }
    }
    x.cause = cause_after(outcome);
    x.body.rewind();
  }
}

/// A head has come: answers its request.
Task<Then> answer(Client& client, const Arrival& arrival) {
  Worker& worker = client.worker;
  Request request;
  if (arrival.reply) {
    worker.request_ids().make(request.id);
    co_return co_await refuse(client, request, *arrival.reply);
  }
  http::RequestHead& head = worker.scratch().request;
  const Plan& plan = worker.lanes()->plan();
  const http::HeadFault fault = http::parse_request_head(arrival.head(client), head);
  worker.request_ids().choose(head.fields, request.id);
  std::optional<LocalReply> refusal = fault == http::HeadFault::none
                                          ? read_request(head, plan.rules, plan.routes, request)
                                          : malformed_request(fault);
  client.in.consume(arrival.bytes);  // nothing refers to the head any more
  if (refusal) co_return co_await refuse(client, request, *std::move(refusal));

  Exchange x(client, request);
  const Then then = co_await exchange(x);
  x.over = true;
  report_end(x);
  co_return then;
}

}  // namespace

Task<void> serve(Client& client) {
  constexpr unsigned kAtOnce = 16;
  for (unsigned answers = 0;; ++answers) {
    // Requests that came together and that we answer ourselves wait for nothing: the others of this
    // loop get their turn.
    if (answers % kAtOnce == kAtOnce - 1) co_await client.sleeper.let_others_go();
    const Arrival arrival = co_await arrive(client);
    if (arrival.ended) co_return;
    const Then then = co_await answer(client, arrival);
    if (then == Then::close) break;
    if (then == Then::cut) co_return client.stream->break_on_close();
  }
  co_await linger(client);
}

}  // namespace bearer::relay
