#include "relay/waits.h"

#include <algorithm>
#include <utility>

namespace bearer::relay {

using base::Error;
using net::Task;
using net::Wait;
using net::Woke;

Task<bool> rest(Exchange& x, base::Instant deadline) {
  const base::Instant began = x.now();
  Woke woke = Woke::changed;
  while (woke == Woke::changed) {
    const Wait wait = x.until(deadline);
    woke = co_await wait.next();
  }
  x.waited += x.now() - began;
  co_return woke == Woke::late;
}

Task<bool> pass_pause(Exchange& x) {
  const Pause& pause = x.lane.route.pause;
  for (;;) {
    const base::Instant ends = pause.ends();
    if (ends <= x.now() || ends > x.window_ends) co_return true;
    const base::Instant release = std::min(pause.release(x.worker.jitter()), x.window_ends);
    const bool stayed = co_await rest(x, release);
    if (!stayed) co_return false;
    if (pause.ends() == ends) co_return true;
  }
}

Task<std::optional<Error>> wait_for_token(Exchange& x, std::uint64_t newer_than) {
  const base::Instant began = x.now();
  base::Result<token::TokenPtr> token =
      co_await x.lane.token.wait_for(newer_than, x.for_at_most(x.options.token_wait));
  x.waited += x.now() - began;
  if (!token) co_return token.error();
  x.token = std::move(*token);
  co_return std::nullopt;
}

Task<bool> renew_token(Exchange& x) {
  const std::uint64_t refused = x.token->generation;
  const token::Token* current = x.lane.token.current();
  const bool newer = current && current->generation > refused;
  if (!newer && !x.lane.token.reject(refused)) co_return false;
  const std::optional<Error> failed = co_await wait_for_token(x, refused);
  if (failed) x.detail = failed->detail;
  co_return !failed;
}

}  // namespace bearer::relay
