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
bool paused(const Exchange& x) {
  const base::Instant ends = x.lane.route.pause.ends();
  return ends > x.now() && ends <= x.window_ends;
}

Error left() {
  return {Errc::client_left, ""};
}

Task<base::Result<void>> take_place(Exchange& x) {
  const base::Instant began = x.now();
  const Wake woke = co_await x.lane.route.in_flight.enter(x.until(x.window_ends), x.permit);
  x.waited[WaitFor::queue] += x.now() - began;
  if (woke == Wake::peer_closed) co_return left();
  if (woke == Wake::timed_out) co_return Error{Errc::queue_too_long, "see --max-in-flight"};
  co_return {};
}

}  // namespace

Task<base::Result<void>> rest(Exchange& x, base::Instant deadline, WaitFor reason) {
  const base::Instant began = x.now();
  Wake woke = Wake::ready;
  while (woke == Wake::ready) {
    const Wait wait = x.until(deadline);
    woke = co_await wait.next();
  }
  x.waited[reason] += x.now() - began;
  if (woke == Wake::peer_closed) co_return left();
  co_return {};
}

Task<base::Result<void>> take_turn(Exchange& x, Pacer::Permit& permit) {
  Route& route = x.lane.route;
  // A pause may begin, or grow, while we wait for its end, for our place or for our turn.
  for (;;) {
    while (paused(x)) {
      x.permit = {};  // for one whose window ends before the pause does
      const base::Instant release = std::min(route.pause.release(x.worker.jitter()), x.window_ends);
      const base::Result<void> rested = co_await rest(x, release, WaitFor::pause);
      if (!rested) co_return rested.error();
    }
    if (route.in_flight.limited() && !x.permit.held()) {
      const base::Result<void> placed = co_await take_place(x);
      if (!placed) co_return placed.error();
      continue;
    }
    if (!route.pacer.awake()) co_return {};
    const base::Instant began = x.now();
    const bool stayed = co_await route.pacer.pass(x.until(x.window_ends), permit);
    x.waited[WaitFor::pacing] += x.now() - began;
    if (!stayed) co_return left();
    if (!paused(x)) co_return {};
    permit = {};
  }
}

Task<base::Result<void>> wait_for_token(Exchange& x, std::uint64_t newer_than) {
  const base::Instant began = x.now();
  base::Result<token::TokenPtr> token =
      co_await x.lane.token.wait_for(newer_than, x.for_at_most(x.options.token_wait));
  x.waited[WaitFor::token] += x.now() - began;
  if (!token) co_return token.error();
  x.token = std::move(*token);
  co_return {};
}

Task<base::Result<void>> renew_token(Exchange& x) {
  const base::Instant refused_at = x.worker.loop().clock().now();
  const std::uint64_t refused = x.token->generation;
  const bool fetch = TokenReplay::needs_fetch(refused, x.lane.token.current());
  if (fetch && !x.lane.token.reject(refused)) {
    co_return Error{Errc::token_unreachable, "fresh tokens were refused lately too"};
  }
  const base::Result<void> renewed = co_await wait_for_token(x, refused);
  if (renewed) x.replay.begin(refused_at, *x.token);
  co_return renewed;
}

}  // namespace bearer::relay
