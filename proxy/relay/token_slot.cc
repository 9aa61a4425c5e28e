#include "relay/token_slot.h"

#include <algorithm>
#include <chrono>

#include "base/internal_fault.h"

namespace bearer::relay {
namespace {

constexpr std::chrono::seconds kTriedAgainMin{1};

}  // namespace

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

TokenSlot::Next TokenSlot::next_after(const token::Token& rejected, std::uint64_t generation,
                                      bool first) {
  former_until_ = {};
  const token::Token* const newest = valid(state_.token);
  if (newest && newest->generation > generation) return Next::newer;
  const token::Token* const former = valid(state_.former);
  const bool older = former && former->generation < rejected.generation;
  if (first && older && young(rejected)) {
    go_on_with_former();
    return Next::former;
  }
  if (reject(generation)) return Next::newer;
  return go_on_with_doubted() ? Next::former : Next::none;
}

void TokenSlot::rejected_for_good(const token::Token& rejected) {
  if (rejected.generation == on_trial_ && young(rejected)) replayed(on_trial_, false);
  if (next_after(rejected, rejected.generation, true) == Next::newer)
    on_trial_ = rejected.generation + 1;
}

void TokenSlot::go_on_with_former() {
  const base::Duration age = loop_.now() - state_.token->asked;
  taken_late_ = state_.token->generation;
  former_until_ = base::after(loop_.now(), std::max<base::Duration>(age, kTriedAgainMin));
}

// An API that takes tokens late would begin anew with each that is fetched. If it takes none at
// all, it is asked less and less often.
bool TokenSlot::go_on_with_doubted() {
  const base::Instant now = loop_.now();
  const bool good = valid(doubted_) && state_.token && young(*doubted_);
  if (!good || doubted_->generation >= state_.token->generation) return false;
  const base::Duration pause =
      std::max<base::Duration>((doubted_tried_at_ - doubted_->asked) / 2, kTriedAgainMin);
  if (now - doubted_tried_at_ < pause) return false;
  doubted_tried_at_ = now;
  state_.former = doubted_;
  go_on_with_former();
  return true;
}

bool TokenSlot::reject(std::uint64_t generation) {
  const bool stands = state_.token && state_.token->generation == generation;
  const token::TokenPtr rejected = stands ? state_.token : nullptr;
  if (state_.former && state_.former->generation <= generation) state_.former.reset();
  if (!source_.reject(generation)) return false;
  // The oldest of those that may be taken yet is taken first.
  const auto may_be_taken = [&](const token::TokenPtr& token) {
    return valid(token) && young(*token);
  };
  if (may_be_taken(rejected) && !may_be_taken(doubted_)) {
    doubted_ = rejected;
    doubted_tried_at_ = loop_.now();
  }
  return true;
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
    const token::Token* token = valid(state_.token);
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
