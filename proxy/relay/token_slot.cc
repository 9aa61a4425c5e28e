#include "relay/token_slot.h"

#include <algorithm>
#include <chrono>

#include "base/internal_fault.h"

namespace bearer::relay {

TokenSlot::TokenSlot(net::Loop& loop, token::Source& source)
    : loop_(loop), source_(source), self_(std::make_shared<TokenSlot*>(this)) {
  subscription_ = source_.subscribe([&loop, weak = std::weak_ptr(self_)] {
    loop.post([weak] {
      const auto self = weak.lock();
      if (!self) return;
      base::notify("a loop could not be told of a credential's change",
                   [&] { (*self)->read_state(); });
    });
  });
  state_ = source_.state();
}

void TokenSlot::go_on_with_former() {
  constexpr base::Duration kShortest = std::chrono::seconds(1);
  taken_late_ = state_.token->generation;
  former_until_ = base::after(loop_.now(), std::max(loop_.now() - state_.token->asked, kShortest));
}

bool TokenSlot::reject(std::uint64_t generation) {
  if (state_.former && state_.former->generation <= generation) state_.former.reset();
  return source_.reject(generation);
}

token::Prover& TokenSlot::prover(const token::Token& token) {
  if (bound_to_ != token.binding) {
    prover_ = token.binding->prover();
    bound_to_ = token.binding;
  }
  return *prover_;
}

void TokenSlot::read_state() {
  state_ = source_.state();
  waiting_.wake_all();
}

net::Task<base::Result<token::TokenPtr>> TokenSlot::wait_for(std::uint64_t generation,
                                                             net::Wait wait) {
  const net::WaitList::Place place(waiting_, wait.sleeper);
  for (;;) {
    const token::Token* token = newest();
    if (token && token->generation > generation) co_return state_.token;
    if (state_.health == token::State::Health::rejected) {
      co_return base::Error{base::Errc::token_rejected, state_.reason};
    }
    const net::Wake woke = co_await wait.next();
    if (woke == net::Wake::peer_closed) co_return base::Error{base::Errc::client_left, ""};
    if (woke == net::Wake::timed_out) {
      state_ = source_.state();  // the age of a fetch is no change
      co_return base::Error{base::Errc::token_unreachable, state_.reason};
    }
  }
}

}  // namespace bearer::relay
