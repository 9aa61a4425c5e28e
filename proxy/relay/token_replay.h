// The 401 rule (deploy/docs/outcomes.md): decides whether a request whose token was rejected is
// sent again and with which token, and what the end of that replay says about the credential. No
// clock, no socket.
//
// A 401 is handled in four files. judge() in exchange.cc asks judge() here. If the request goes
// again, renew_token() in waits.cc gets the token that next_after() of token_slot.h names, which
// tells token/source.h of a dead one. attempt_and_act() in exchange.cc makes another attempt.
// After that note_token() reports by end() whether the API took the token.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "relay/retry_policy.h"
#include "token/source.h"

namespace bearer::relay {

/// The rejections that one request has met, and the kind of its current attempt. A value.
class TokenReplay {
 public:
  /// Decides on a response that rejects the token: Action::refresh, or relay with the reason.
  /// REQUIRES: outcome.rejected.
  Decision judge(const Outcome& outcome, const Situation& situation) const;

  /// True if the current attempt follows no rejection.
  bool first() const { return stage_ == Stage::none; }
  /// The current attempt's token was rejected at `at`.
  void reject(const token::Token& token, base::Instant at);
  /// The generation up to which this request's tokens were rejected.
  std::uint64_t rejected_generation() const { return rejected_; }

  /// The request goes again, with the token before the rejected one.
  void begin_with_former() { stage_ = Stage::former; }
  /// The request goes again, with a newer token than the rejected one.
  void begin(const token::Token& newer);

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
