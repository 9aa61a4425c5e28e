// The 401 rule (deploy/docs/outcomes.md): decides whether a request whose token was rejected is
// sent again and with which token, and what the end of that replay says about the credential. No
// clock, no socket.
//
// A 401 is handled in four files. judge() in exchange.cc asks judge() here. If the request goes
// again, renew_token() in waits.cc gets the token that choose() names, from the credential as the
// loop sees it (token_slot.h), which tells token/source.h of a dead one. carry() in exchange.cc
// makes another attempt. After that note_token() reports by end() whether the API took the token.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "relay/retry_policy.h"
#include "token/source.h"

namespace bearer::relay {

/// The longest time after which an API takes a new token: its servers learn of it one after the
/// other. The rejection of a younger token says little about it, as long as the token before is
/// good.
inline constexpr base::Duration kTakenLateMax = std::chrono::seconds(30);

/// The rejections that one request has met, and the kind of its current attempt. A value.
class TokenReplay {
 public:
  /// Decides on a response that rejects the token: Action::refresh, or relay with the reason.
  /// REQUIRES: outcome.rejected.
  Decision judge(const Outcome& outcome, const Situation& situation) const;

  /// The token with which the request goes again.
  enum class With {
    newest,   ///< it is newer than the rejected one
    former,   ///< the one before: not all of the API may know the rejected one yet
    fetched,  ///< one that the credential must fetch, after it is told that the others are dead
  };
  /// `rejected` came back at `at`. `newest` and `former` are the credential's; null if they are not
  /// valid.
  With choose(base::Instant at, const token::Token& rejected, const token::Token* newest,
              const token::Token* former);
  /// The generation up to which this request's tokens were rejected.
  std::uint64_t rejected_generation() const { return rejected_; }

  /// The request goes again with `next`, chosen by choose().
  void begin(With with, const token::Token& next);

  /// The current attempt has ended. Returns whether the API accepted its token; nullopt if the
  /// outcome says nothing about the credential.
  std::optional<bool> end(const Outcome& outcome);

 private:
  enum class Stage {
    none,    ///< the current attempt follows no rejection
    former,  ///< it goes with the token before the rejected one
    newer,   ///< it goes with a token that had been asked for before the rejection came, and may
             ///< have been revoked with the one before: a 401 says nothing of the credential yet
    fresh,   ///< it goes with one asked for since, or is the second replay in a row: a 401 is final
  };

  Stage stage_ = Stage::none;
  std::uint64_t rejected_ = 0;
  base::Instant rejected_at_{};
};

}  // namespace bearer::relay
