#include "relay/waits.h"

#include <algorithm>
#include <utility>

namespace bearer::relay {

using base::Errc;
using base::Error;
using net::Task;
using net::Wait;
using net::Wake;

namespace {

/// Somebody was told to wait, for no longer than our window.
bool paused(const Exchange& exchange) {
  const base::Instant ends = exchange.route.shared.pause.ends();
  return ends > exchange.now() && ends <= exchange.window_ends;
}

Error left() {
  return {Errc::client_left, ""};
}

Task<base::Result<void>> take_place(Exchange& exchange) {
  const base::Instant began = exchange.now();
  const Wake woke = co_await exchange.route.shared.in_flight.enter(
      exchange.until(exchange.window_ends), exchange.progress.permit);
  exchange.account.waited[WaitFor::queue] += exchange.now() - began;
  if (woke == Wake::peer_closed) co_return left();
  if (woke == Wake::timed_out) co_return Error{Errc::queue_too_long, "see --max-in-flight"};
  co_return {};
}

}  // namespace

Task<base::Result<void>> rest(Exchange& exchange, base::Instant deadline, WaitFor reason) {
  const base::Instant began = exchange.now();
  Wake woke = Wake::ready;
  while (woke == Wake::ready) {
    const Wait wait = exchange.until(deadline);
    woke = co_await wait.next();
  }
  exchange.account.waited[reason] += exchange.now() - began;
  if (woke == Wake::peer_closed) co_return left();
  co_return {};
}

Task<base::Result<void>> take_turn(Exchange& exchange, Pacer::Permit& permit) {
  Route& route = exchange.route.shared;
  // A pause may begin, or grow, while we wait for its end, for our place or for our turn.
  for (;;) {
    while (paused(exchange)) {
      exchange.progress.permit = {};  // for one whose window ends before the pause does
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
    const base::Instant began = exchange.now();
    const bool stayed = co_await route.pacer.pass(exchange.until(exchange.window_ends), permit);
    exchange.account.waited[WaitFor::pacing] += exchange.now() - began;
    if (!stayed) co_return left();
    if (!paused(exchange)) co_return {};
    permit = {};
  }
}

Task<base::Result<void>> wait_for_token(Exchange& exchange, std::uint64_t newer_than) {
  const base::Instant began = exchange.now();
  base::Result<token::TokenPtr> token = co_await exchange.route.token.wait_for(
      newer_than, exchange.for_at_most(exchange.options.token_wait));
  exchange.account.waited[WaitFor::token] += exchange.now() - began;
  if (!token) co_return token.error();
  exchange.progress.token = std::move(*token);
  co_return {};
}

Task<base::Result<void>> renew_token(Exchange& exchange) {
  const base::Instant refused_at = exchange.context.loop.clock().now();
  const std::uint64_t refused = exchange.progress.token->generation;
  const bool fetch = TokenReplay::needs_fetch(refused, exchange.route.token.current());
  if (fetch && !exchange.route.token.reject(refused)) {
    co_return Error{Errc::token_unreachable, "fresh tokens were refused lately too"};
  }
  const base::Result<void> renewed = co_await wait_for_token(exchange, refused);
  if (renewed) exchange.progress.replay.begin(refused_at, *exchange.progress.token);
  co_return renewed;
}

}  // namespace bearer::relay
