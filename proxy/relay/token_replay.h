// The 401 rule (contract section 3, step 4): whether a request whose token was refused is sent
// again, with which token, and what the end of that replay says of the credential. No clock, no
// socket: exchange.cc asks, and does what is said here.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "relay/retry_policy.h"
#include "token/source.h"

namespace bearer::relay {

/// How late an API may take a new token: its servers hear of it one after the other. A refusal of a
/// younger one says little of it as long as the token before is good.
inline constexpr base::Duration kTakenLateMax = std::chrono::seconds(30);
/// And how long a request waits for that where there is no former token: it is repeated after half
/// a second, one and two, as long as the token is younger than this.
inline constexpr base::Duration kTakingAwaitedMax = std::chrono::seconds(3);
inline constexpr base::Duration kTakingWaitMin = std::chrono::milliseconds(500);

/// The refusals that one request has met, and what its attempt under way is. A value.
class TokenReplay {
 public:
  /// What is made of a response that refuses the token: Action::refresh; back_off where the API may
  /// not have heard of the token yet, which was fetched a moment ago because the one before was
  /// refused; or relay and why.
  /// REQUIRES: outcome.refused.
  Decision judge(const Outcome& outcome);

  /// With which token the request goes again.
  enum class With {
    newest,   ///< it is newer than the refused one
    former,   ///< the refused one is seconds old, and may not have reached all of the API
    fetched,  ///< one that the credential must fetch, since it is told that the others are dead
  };
  /// `refused` came back at `at`. The others are those that the credential has: null where they are
  /// not valid.
  With choose(base::Instant at, const token::Token& refused, const token::Token* newest,
              const token::Token* former);
  /// Up to which generation this request's tokens were refused.
  std::uint64_t refused_generation() const { return refused_; }

  /// The request goes again with `next`, chosen by choose().
  void begin(With with, const token::Token& next);

  /// The attempt under way has ended. Whether the credential took the token that it was fetched
  /// for: nullopt where the outcome says nothing of that.
  std::optional<bool> end(const Outcome& outcome);

 private:
  std::optional<base::Duration> wait_for_taking(const Outcome& outcome) const;

  enum class Stage {
    none,    ///< the attempt under way follows no refusal
    former,  ///< it goes with the token before the refused one
    newer,   ///< it goes with a token that had been asked for before the refusal came, and may have
             ///< been revoked with the one before: a 401 says nothing of the credential yet
    fresh,   ///< it goes with one asked for since, or is the second replay in a row: a 401 is final
  };

  Stage stage_ = Stage::none;
  int repeated_ = 0;  ///< with the same token, which was refused
  std::uint64_t refused_ = 0;
  base::Instant refused_at_{};
};

}  // namespace bearer::relay
