#include "relay/waits.h"

#include <algorithm>
#include <utility>

#include "base/advice.h"
#include "relay/telemetry/wait_watch.h"

namespace bearer::relay {

using base::Errc;
using base::Error;
using base::Trouble;
using net::Task;
using net::Wait;
using net::Wake;

namespace {

/// A wait, from its making to its end: counted while it lasts, shown, and reported if it is long.
class WaitScope {
 public:
  enum class End {
    known,    ///< at the deadline, unless the client leaves
    unknown,  ///< at the deadline at the latest
  };
  WaitScope(Exchange& exchange, WaitFor reason, base::Instant deadline, End end = End::unknown)
      : exchange_(exchange),
        wait_{reason, exchange.now(), deadline, end == End::known},
        place_(exchange.context.long_waits, exchange.request, wait_) {
    exchange.route.counters->wait_began(reason, wait_.since);
    exchange.live.waits = &wait_;
  }
  WaitScope(const WaitScope&) = delete;
  WaitScope& operator=(const WaitScope&) = delete;
  ~WaitScope() {
    const base::Instant now = exchange_.now();
    exchange_.live.waits = nullptr;
    exchange_.route.counters->wait_ended(wait_.reason, now);
    exchange_.account.waited[wait_.reason] += now - wait_.since;
    if (exchange_.trace) exchange_.trace->waited(wait_.reason, wait_.since, now);
  }

 private:
  Exchange& exchange_;
  const WaitUnderWay wait_;
  const WaitWatch::Place place_;
};

/// The error of a wait that was broken off.
Error broken_off(const Exchange& exchange) {
  if (exchange.client_left()) return {Errc::client_left, ""};
  return {Errc::draining, "the proxy ends, and this request still waited; send it again"};
}

/// True if the route has a pause, and this request is not its probe.
bool paused(const Exchange& exchange) {
  const base::Instant ends = exchange.route.shared.pause.ends();
  return ends > exchange.now() && ends != exchange.progress.probed;
}

/// The pause outlasts this request's window, so the request gets a reply, unless it is the one that
/// probes whether the pause is over before its time. Only long pauses are probed: others are waited
/// out.
base::Result<void> meet_long_pause(Exchange& exchange) {
  Pause& pause = exchange.route.shared.pause;
  const base::Instant ends = pause.ends();
  const bool long_one = ends > base::after(exchange.now(), exchange.options.retry.window);
  if (!long_one || !pause.may_probe(exchange.now())) {
    return Error{Errc::upstream_paused,
                 "the upstream asked to be left alone for longer than this request may wait",
                 base::advice_on(Trouble::long_pause)};
  }
  exchange.progress.probed = ends;
  return {};
}

Task<base::Result<void>> take_place(Exchange& exchange) {
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

}  // namespace

Task<base::Result<void>> rest(Exchange& exchange, base::Instant deadline, WaitFor reason) {
  const WaitScope scope(exchange, reason, deadline, WaitScope::End::known);
  Wake woke = Wake::ready;
  while (woke == Wake::ready) {
    const Wait wait = exchange.patiently_until(deadline);
    woke = co_await wait.next();
  }
  if (woke == Wake::peer_closed) co_return broken_off(exchange);
  co_return {};
}

Task<base::Result<void>> take_turn(Exchange& exchange, Pacer::Permit& permit) {
  Route& route = exchange.route.shared;
  // A pause may begin or grow while we wait for its end, for our place or for our turn.
  for (;;) {
    while (paused(exchange)) {
      exchange.progress.permit = {};  // for a request whose window ends before the pause does
      if (route.pause.ends() > exchange.window_ends) {
        const base::Result<void> goes = meet_long_pause(exchange);
        if (!goes) co_return goes.error();
        break;
      }
      const base::Instant release =
          std::min(route.pause.release(exchange.context.jitter()), exchange.window_ends);
      const base::Result<void> rested = co_await rest(exchange, release, WaitFor::pause);
      if (!rested) co_return rested.error();
    }
    if (route.in_flight.limited() && !exchange.progress.permit.held()) {
      const base::Result<void> placed = co_await take_place(exchange);
      if (!placed) co_return placed.error();
      continue;
    }
    if (!route.pacer.awake()) co_return {};
    const RequestKind kind = request_kind(exchange.request.method_text(), exchange.request.target);
    const base::Instant expected = route.pacer.estimate(kind, exchange.now(), exchange.window_ends);
    const WaitScope scope(exchange, WaitFor::pacing, expected, WaitScope::End::known);
    const Wait wait = exchange.patiently_until(exchange.window_ends);
    const Pacer::Turn turn = co_await route.pacer.pass(wait, kind, permit);
    if (turn == Pacer::Turn::left) co_return broken_off(exchange);
    if (turn == Pacer::Turn::never) {
      co_return Error{Errc::turn_too_late, "the rate that was set has no turn for it in time",
                      base::advice_on(Trouble::no_turn_in_rate)};
    }
    if (!paused(exchange)) co_return {};
    permit = {};
  }
}

Task<base::Result<void>> wait_for_token(Exchange& exchange, std::uint64_t newer_than) {
  const base::Instant deadline = base::after(exchange.now(), exchange.options.token_wait);
  const WaitScope scope(exchange, WaitFor::token, deadline);
  base::Result<token::TokenPtr> token =
      co_await exchange.route.token.wait_for(newer_than, exchange.patiently_until(deadline));
  if (!token && token.error().code == Errc::client_left) co_return broken_off(exchange);
  if (!token) co_return token.error();
  exchange.progress.token = std::move(*token);
  co_return {};
}

Task<base::Result<void>> renew_token(Exchange& exchange) {
  TokenReplay& replay = exchange.progress.replay;
  TokenSlot& tokens = exchange.route.token;
  const base::Instant now = exchange.context.loop.clock().now();
  const TokenReplay::With with =
      replay.choose(now, *exchange.progress.token, tokens.newest(), tokens.former());
  if (with == TokenReplay::With::former) {
    tokens.go_on_with_former();
    exchange.progress.token = tokens.hold();
  } else {
    tokens.go_on_with_newest();
    const std::uint64_t refused = replay.refused_generation();
    if (with == TokenReplay::With::fetched && !tokens.reject(refused)) {
      co_return Error{Errc::token_unreachable, "fresh tokens were refused lately too"};
    }
    const base::Result<void> renewed = co_await wait_for_token(exchange, refused);
    if (!renewed) co_return renewed.error();
  }
  replay.begin(with, *exchange.progress.token);
  co_return {};
}

}  // namespace bearer::relay
