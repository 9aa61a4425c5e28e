// A credential as one loop sees it. Reading takes no lock, and waiting takes no thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "net/loop.h"
#include "net/task.h"
#include "net/wait.h"
#include "net/wait_list.h"
#include "token/source.h"

namespace bearer::relay {

/// The longest time after which an API takes a new token: its servers learn of it one after the
/// other. The rejection of a younger token says little about it, as long as the token before is
/// good.
inline constexpr base::Duration kTakenLateMax = std::chrono::seconds(30);

/// Made, used and destroyed on its loop's thread, or while the loop does not turn. The source
/// outlives it.
class TokenSlot {
 public:
  TokenSlot(net::Loop& loop, token::Source& source);

  /// The token to send, if it is valid now, else null. No lock, no I/O.
  const token::Token* current() const { return valid(in_use()); }
  token::TokenPtr hold() const { return in_use(); }

  /// The token with which a request goes again.
  enum class Next {
    newer,   ///< one that is newer than all that were rejected: wait_for() it
    former,  ///< an older one, which hold() gives now: not all of the API may know the rejected one
    none,    ///< fresh tokens were rejected lately too, and the credential fetches no other one yet
  };
  /// The API rejected `rejected`, and all tokens up to `generation` that the request went with.
  /// `first`: it was the only one. Tells the source of a dead token, so that it fetches another.
  Next next_after(const token::Token& rejected, std::uint64_t generation, bool first);

  /// The same of a request that cannot go again: the next one is to have a better token. As no
  /// replay tells whether the fetched one is, that request's outcome does. If it is rejected while
  /// it is young, that counts as a replay that failed, or each of such requests would cost a fetch.
  void rejected_for_good(const token::Token& rejected);

  /// Waits until there is a valid token newer than `generation` (0: any). Errc: token_unreachable
  /// if the wait ends before that, token_rejected at once if the endpoint rejects the credentials,
  /// client_left.
  net::Task<base::Result<token::TokenPtr>> wait_for(std::uint64_t generation, net::Wait wait);

  /// As in token::Source. Called rarely, so its lock does not matter.
  void replayed(std::uint64_t generation, bool accepted) { source_.replayed(generation, accepted); }

  const token::State& state() const { return state_; }

  /// Makes proofs for a token that is bound to a key. REQUIRES: token.binding.
  token::Prover& prover(const token::Token& token);

 private:
  /// The source has changed.
  void read_state();
  /// The API does not take the newest token yet. Sends the former one until the newest is about
  /// twice as old, so that few requests meet a rejection. REQUIRES: the former one is valid.
  void go_on_with_former();
  /// No newer token is to be had. Goes on with one that was rejected while it was young, because
  /// the API may take it by now. False if there is none, or it was tried too lately.
  bool go_on_with_doubted();
  bool reject(std::uint64_t generation);
  bool young(const token::Token& token) const { return loop_.now() - token.asked < kTakenLateMax; }
  const token::TokenPtr& in_use() const {
    const bool former_first = state_.token && state_.token->generation == taken_late_ &&
                              loop_.now() < former_until_ && valid(state_.former);
    return former_first ? state_.former : state_.token;
  }
  const token::Token* valid(const token::TokenPtr& token) const {
    return token && token->expires > loop_.now() ? token.get() : nullptr;
  }

  net::Loop& loop_;
  token::Source& source_;
  token::State state_;
  base::Instant former_until_{};
  std::uint64_t taken_late_ = 0;  // the generation that the former token replaces for now
  token::TokenPtr doubted_;       // rejected while it was young: see go_on_with_doubted()
  base::Instant doubted_tried_at_{};
  std::uint64_t on_trial_ = 0;  // the generation that rejected_for_good() had fetched
  net::WaitList waiting_;
  std::shared_ptr<const token::Binding> bound_to_;  // the key of `prover_`
  std::unique_ptr<token::Prover> prover_;
  /// Lets messages of the source that come after this object's end find nobody.
  std::shared_ptr<TokenSlot*> self_;
  std::unique_ptr<token::Subscription> subscription_;
};

}  // namespace bearer::relay
