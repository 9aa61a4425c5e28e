// Decides when a token ends, and when to fetch its successor.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "token/fetcher.h"
#include "token/token_response.h"

namespace bearer::token {

inline constexpr base::Duration kLifetimeUnknown = std::chrono::hours(1);  ///< nobody said when

/// All that is known about a token's end.
struct ExpiryFacts {
  base::Instant sent;                             ///< when the token was asked for
  base::WallTime wall;                            ///< our wall clock at that moment
  std::optional<base::Duration> expires_in = {};  ///< the token response's
  std::optional<base::WallTime> exp = {};  ///< a JWT's or the answer's, by the endpoint's clock
  std::optional<std::chrono::sys_seconds> date = {};  ///< the endpoint's Date
};

/// The earlier of two: `expires_in` counted from `sent`, and `exp` converted to our clock by the
/// endpoint's Date (without one, by our own wall clock). A Date holds whole seconds, so the real
/// time may be up to a second later; the earlier reading counts. If neither is known: an hour.
/// Never before `sent`, never more than ten years after.
base::Instant expiry(const ExpiryFacts& facts);

/// expires - margin - jitter. The margin used is at most half of the lifetime, and the jitter up to
/// a tenth of the margin. `chance` is uniform in [0, 1).
base::Instant renewal(base::Instant sent, base::Instant expires, base::Duration margin,
                      double chance);

/// The moment when a token was requested, and the time on its giver's clock.
struct Asked {
  base::Instant sent;  ///< the lifetime is counted from here
  base::WallTime wall;
  std::optional<std::chrono::sys_seconds> date = {};
  /// The giver made it then, so that it cannot have ended. Otherwise it may be old.
  bool just_made = false;
};

/// Applies what the answer says and the `exp` of a JWT. An end that is past says nothing of a token
/// that was just made: its giver's clock or time zone is wrong. It is left out, with a remark.
/// Errc::token_malformed, with `fix`, if the token has ended by now.
base::Result<Fetched> with_expiry(TokenResponse response, const Asked& asked,
                                  const base::Clock& clock, const std::string& fix);

/// `part` of `whole`, for a part in [0, 1).
inline base::Duration portion(base::Duration whole, double part) {
  return std::chrono::duration_cast<base::Duration>(whole * part);
}

}  // namespace bearer::token
