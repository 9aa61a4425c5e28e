#include "relay/waits.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/advice.h"

namespace bearer::relay {

using base::Errc;
using base::Error;
using base::Trouble;
using net::Task;
using net::Wait;
using net::Wake;

namespace {

/// The error of a wait that was broken off.
Error broken_off(const Exchange& exchange) {
  if (exchange.client_left()) return {Errc::client_left, ""};
  return {Errc::draining, "the proxy ends, and this request still waited; send it again"};
}

/// The pause outlasts this request's window, so the request gets a reply, unless it is the one that
/// tries whether the pause is over before its time. Only long pauses are tried: others are waited
/// out.
base::Result<void> meet_long_pause(Exchange& exchange, Pause& pause) {
  const base::Instant ends = pause.ends();
  const bool long_one = ends > base::after(exchange.now(), exchange.options().retry.window);
  if (!long_one || !pause.may_try(exchange.now())) {
    return Error{Errc::upstream_paused,
                 "the upstream asked to be left alone for longer than this request may wait",
                 base::advice_on(Trouble::long_pause)};
  }
  exchange.progress.rare().tried = ends;
  return {};
}

Task<base::Result<void>> take_permit(Exchange& exchange) {
  const WaitScope scope(exchange, WaitFor::queue, exchange.window_ends);
  const Wake woke = co_await exchange.route.shared.in_flight.enter(
      exchange.patiently_until(exchange.window_ends), exchange.progress.permit);
  if (woke == Wake::peer_closed) co_return broken_off(exchange);
  if (woke == Wake::timed_out) {
    co_return Error{Errc::queue_too_long,
                    "as many requests as may be are at the upstream, and none ended in time",
                    base::advice_on(Trouble::queue_too_long)};
  }
  co_return {};
}

/// Waits for a permit at a time when pacing would let the request go, so that those that a quota
/// holds take no permits from those that it does not.
Task<base::Result<void>> take_permit_in_turn(Exchange& exchange) {
  Pacer& pacer = exchange.route.shared.pacer;
  for (;;) {
    base::Result<void> taken = co_await take_permit(exchange);
    if (!taken || paused(exchange) || !pacer.awake()) co_return taken;
    const base::Instant turn =
        pacer.estimate(kind_of(exchange.request), exchange.now(), exchange.window_ends);
    if (turn <= exchange.now() || turn > exchange.window_ends) co_return taken;
    exchange.progress.permit = {};
    const WaitScope scope(exchange, WaitFor::pacing, turn, WaitScope::End::known);
    const Wait wait = exchange.patiently_until(turn);
    const Wake woke = co_await wait.next();
    if (woke == Wake::peer_closed) co_return broken_off(exchange);
  }
}

/// Waits for the request's turn among those that are paced.
Task<base::Result<void>> take_pace(Exchange& exchange, Pacer::UnderWay& under_way) {
  Pacer& pacer = exchange.route.shared.pacer;
  const RequestKind kind = kind_of(exchange.request);
  const base::Instant expected = pacer.estimate(kind, exchange.now(), exchange.window_ends);
  const WaitScope scope(exchange, WaitFor::pacing, expected, WaitScope::End::known);
  const Wait wait = exchange.patiently_until(exchange.window_ends);
  const Pacer::Turn turn = co_await pacer.pass(wait, kind, under_way);
  if (turn == Pacer::Turn::left) co_return broken_off(exchange);
  if (turn == Pacer::Turn::never) {
    co_return Error{Errc::turn_too_late, "the rate that was set has no turn for it in time",
                    base::advice_on(Trouble::no_turn_in_rate)};
  }
  co_return {};
}

/// Waits for a valid token newer than that generation, and puts it into the exchange.
Task<base::Result<void>> wait_for_token(Exchange& exchange, std::uint64_t newer_than = 0) {
  const base::Instant deadline = base::after(exchange.now(), exchange.options().token_wait);
  const WaitScope scope(exchange, WaitFor::token, deadline);
  base::Result<token::TokenPtr> token =
      co_await exchange.route.token.wait_for(newer_than, exchange.patiently_until(deadline));
  if (!token && token.error().code == Errc::client_left) co_return broken_off(exchange);
  if (!token) co_return token.error();
  exchange.progress.token = std::move(*token);
  co_return {};
}

/// A backoff or a pause.
struct DelayPart {
  WaitFor reason;
  base::Instant until;
};

/// Returns the request's backoff, or else a pause of the route.
std::optional<DelayPart> next_part(Exchange& exchange) {
  Progress& progress = exchange.progress;
  if (std::exchange(progress.backs_off, false))
    return DelayPart{WaitFor::backoff, progress.backoff_ends};
  if (!paused(exchange)) return std::nullopt;
  progress.permit = {};  // for a request whose window ends before the pause does
  const base::Instant release = exchange.route.shared.pause.release(exchange.context().jitter());
  return DelayPart{WaitFor::pause, std::min(release, exchange.window_ends)};
}

}  // namespace

// Some path may fail again and again, and begin a pause each time: without a bound, it would starve
// those of which the upstream asked nothing but the first wait.
bool has_waited_enough(const Exchange& exchange, base::Instant ends) {
  constexpr int kEnough = 2;
  const bool long_one = ends > base::after(exchange.now(), exchange.options().retry.window);
  return !long_one && (exchange.progress.pauses_met >= kEnough || ends > exchange.window_ends);
}

Pause* outlasting_pause(const Exchange& exchange) {
  Route& route = exchange.route.shared;
  if (paused(exchange) && route.pause.ends() > exchange.window_ends) return &route.pause;
  const base::Instant ends = route.kind_pause.pause().ends();
  const bool outlasts = ends > exchange.window_ends && ends != exchange.progress.tried();
  return outlasts && route.kind_pause.holds(kind_of(exchange.request)) ? &route.kind_pause.pause()
                                                                       : nullptr;
}

void WaitScope::begin(WaitFor reason, base::Instant deadline, End end) {
  wait_ = {exchange_.now(), deadline, reason, end == End::known};
  place_ = exchange_.context().long_waits.begin(exchange_.request, wait_);
  exchange_.route.counters->wait_began(reason, wait_.since);
  exchange_.live.waits = &wait_;
}

void WaitScope::end_begun() {
  place_.reset();
  const base::Instant now = exchange_.now();
  exchange_.live.waits = nullptr;
  exchange_.route.counters->wait_ended(wait_.reason, now);
  exchange_.account.waited += now - wait_.since;
  if (exchange_.trace) exchange_.trace->waited(wait_.reason, wait_.since, now);
}

bool Delay::look(base::Result<void>& well) {
  Exchange& exchange = scope_.exchange();
  if (scope_.begun()) {
    if (exchange.now() < scope_.until() && !exchange.waits_in_vain()) return true;
    if (scope_.reason() == WaitFor::pause) ++exchange.progress.pauses_met;
    scope_.end();
    if (exchange.waits_in_vain()) well = broken_off(exchange);
  }
  while (well && !exchange.progress.backs_off) {
    Pause* pause = outlasting_pause(exchange);
    if (!pause) break;
    well = meet_long_pause(exchange, *pause);
  }
  if (!well) {
    exchange.progress.permit = {};  // the client may be slow to read why
    return false;
  }
  const std::optional<DelayPart> part = next_part(exchange);
  if (!part) return false;
  if (exchange.waits_in_vain()) {
    well = broken_off(exchange);
    return false;
  }
  scope_.begin(part->reason, part->until, WaitScope::End::known);
  return true;
}

base::Result<void> came_in_time(const Exchange& exchange) {
  const bool late = exchange.context().waits_are_over && exchange.account.attempts == 0 &&
                    exchange.client.kind == Downstream::Kind::http2_stream;
  if (late) return broken_off(exchange);
  return {};
}

Task<base::Result<void>> queue_up(Exchange& exchange, Pacer::UnderWay& under_way) {
  under_way = {};
  const Route& route = exchange.route.shared;
  base::Result<void> well;
  // A pause may begin while we wait.
  if (route.in_flight.limited() && !exchange.progress.permit.held())
    well = co_await take_permit_in_turn(exchange);
  if (well && !paused(exchange) && route.pacer.awake())
    well = co_await take_pace(exchange, under_way);
  if (well && !paused(exchange) && !exchange.route.token.current())
    well = co_await wait_for_token(exchange);
  co_return well;
}

Task<base::Result<void>> renew_token(Exchange& exchange) {
  Progress& progress = exchange.progress;
  TokenReplay& replay = progress.rare().replay;
  TokenSlot& tokens = exchange.route.token;
  replay.reject(*progress.token, exchange.context().loop.clock().now());
  switch (tokens.next_after(*progress.token, replay.rejected_generation(), replay.first())) {
    case TokenSlot::Next::none:
      co_return Error{Errc::token_unreachable, "fresh tokens were refused lately too"};
    case TokenSlot::Next::former:
      progress.token = tokens.hold();
      replay.begin_with_former();
      co_return {};
    case TokenSlot::Next::newer: break;
  }
  base::Result<void> renewed = co_await wait_for_token(exchange, replay.rejected_generation());
  if (renewed) replay.begin(*progress.token);
  co_return renewed;
}

}  // namespace bearer::relay
