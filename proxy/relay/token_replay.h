// The 401 rule (contract section 3, step 4): whether a request whose token was refused is sent
// again, with which token, and what the end of that replay says of the credential. No clock, no
// socket: exchange.cc asks, and does what is said here.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "relay/retry_policy.h"
#include "token/token.h"

namespace bearer::relay {

/// The refusals that one request has met, and what its attempt under way is. A value.
class TokenReplay {
 public:
  /// What is made of a response that refuses the token: Action::refresh, or relay and why.
  /// REQUIRES: outcome.refused.
  Decision judge(const Outcome& outcome) const;

  /// Whether the credential must be told that the token of generation `refused` is dead, so that
  /// another is fetched. Not where `current` (null: none is valid) is newer already.
  static bool needs_fetch(std::uint64_t refused, const token::Token* current) {
    return !current || current->generation <= refused;
  }

  /// The request goes again with `next`; the refusal came at `refused_at`.
  void begin(base::Instant refused_at, const token::Token& next);

  /// The attempt under way has ended. Whether the credential took the token that it was fetched
  /// for: nullopt where the outcome says nothing of that.
  std::optional<bool> end(const Outcome& outcome);

 private:
  enum class Stage {
    none,   ///< the attempt under way follows no refusal
    newer,  ///< it goes with a token that had been asked for before the refusal came, and may have
            ///< been revoked with the one before: a 401 says nothing of the credential yet
    fresh,  ///< it goes with one asked for since, or is the second replay in a row: a 401 is final
  };

  Stage stage_ = Stage::none;
};

}  // namespace bearer::relay
