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

Task<std::optional<Error>> take_place(Exchange& x) {
  const base::Instant began = x.now();
  const Wake woke = co_await x.lane.route.in_flight.enter(x.until(x.window_ends), x.permit);
  x.waited[WaitFor::queue] += x.now() - began;
  if (woke == Wake::peer_closed) co_return left();
  if (woke == Wake::timed_out) co_return Error{Errc::queue_too_long, "see --max-in-flight"};
  co_return std::nullopt;
}

}  // namespace

Task<bool> rest(Exchange& x, base::Instant deadline, WaitFor reason) {
  const base::Instant began = x.now();
  Wake woke = Wake::ready;
  while (woke == Wake::ready) {
    const Wait wait = x.until(deadline);
    woke = co_await wait.next();
  }
  x.waited[reason] += x.now() - began;
  co_return woke == Wake::timed_out;
}

Task<std::optional<Error>> take_turn(Exchange& x, Pacer::Permit& permit) {
  Route& route = x.lane.route;
  // A pause may begin, or grow, while we wait for its end, for our place or for our turn.
  for (;;) {
    while (paused(x)) {
      x.permit = {};  // for one whose window ends before the pause does
      const base::Instant release = std::min(route.pause.release(x.worker.jitter()), x.window_ends);
      const bool stayed = co_await rest(x, release, WaitFor::pause);
      if (!stayed) co_return left();
    }
    if (route.in_flight.limited() && !x.permit.held()) {
      const std::optional<Error> failed = co_await take_place(x);
      if (failed) co_return failed;
      continue;
    }
    if (!route.pacer.awake()) co_return std::nullopt;
    const base::Instant began = x.now();
    const RequestKind kind = request_kind(x.request.method_text(), x.request.target);
    const Pacer::Turn turn = co_await route.pacer.pass(x.until(x.window_ends), kind, permit);
    x.waited[WaitFor::pacing] += x.now() - began;
    if (turn == Pacer::Turn::left) co_return left();
    if (turn == Pacer::Turn::never) co_return Error{Errc::turn_too_late, "see --rate"};
    if (!paused(x)) co_return std::nullopt;
    permit = {};
  }
}

Task<std::optional<Error>> wait_for_token(Exchange& x, std::uint64_t newer_than) {
  const base::Instant began = x.now();
  base::Result<token::TokenPtr> token =
      co_await x.lane.token.wait_for(newer_than, x.for_at_most(x.options.token_wait));
  x.waited[WaitFor::token] += x.now() - began;
  if (!token) co_return token.error();
  x.token = std::move(*token);
  co_return std::nullopt;
}

Task<bool> renew_token(Exchange& x) {
  const base::Instant refused_at = x.worker.loop().clock().now();
  const std::uint64_t refused = x.token->generation;
  const token::Token* current = x.lane.token.current();
  const bool newer = current && current->generation > refused;
  if (!newer && !x.lane.token.reject(refused)) co_return false;
  const std::optional<Error> failed = co_await wait_for_token(x, refused);
  if (failed) {
    x.detail = failed->detail;
    co_return false;
  }
  const bool fresh = x.token->asked >= refused_at || x.replay != Replay::none;
  x.replay = fresh ? Replay::fresh : Replay::newer;
  co_return true;
}

}  // namespace bearer::relay
