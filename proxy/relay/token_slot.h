// A credential as one loop sees it: read without a lock, waited for without a thread.
#pragma once

#include <memory>

#include "base/result.h"
#include "net/loop.h"
#include "net/task.h"
#include "net/wait.h"
#include "net/wait_list.h"
#include "token/source.h"

namespace bearer::relay {

/// Made, used and destroyed on its loop's thread, or while the loop does not turn. The source
/// outlives it.
class TokenSlot {
 public:
  TokenSlot(net::Loop& loop, token::Source& source);

  /// The token if it is valid now, else null. No lock, no I/O.
  const token::Token* current() const {
    const token::Token* token = state_.token.get();
    return token && token->expires > loop_.now() ? token : nullptr;
  }
  token::TokenPtr hold() const { return state_.token; }

  /// Waits until there is a valid token newer than `generation` (0: any). Errc: token_unreachable
  /// if the wait ends before, token_rejected at once if the endpoint refuses the credentials,
  /// client_left.
  net::Task<base::Result<token::TokenPtr>> wait_for(std::uint64_t generation, net::Wait wait);

  /// As token::Source. Rare, so their locks do not matter.
  bool reject(std::uint64_t generation) { return source_.reject(generation); }
  void replayed(std::uint64_t generation, bool accepted) { source_.replayed(generation, accepted); }

  const token::State& state() const { return state_; }

 private:
  void refresh();

  net::Loop& loop_;
  token::Source& source_;
  token::State state_;
  net::WaitList waiting_;
  /// Messages from the source that come after this object's end find nobody here.
  std::shared_ptr<TokenSlot*> self_;
  std::unique_ptr<token::Subscription> subscription_;
};

}  // namespace bearer::relay
