// This decides when a token ends, and when its successor is to be fetched.
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

/// All that is known of a token's end.
struct ExpiryFacts {
  base::Instant sent;                             ///< when the token was asked for
  base::WallTime wall;                            ///< our wall clock at that moment
  std::optional<base::Duration> expires_in = {};  ///< of the token response
  std::optional<base::WallTime> exp = {};  ///< of a JWT or of the answer, by the endpoint's clock
  std::optional<std::chrono::sys_seconds> date = {};  ///< the endpoint's Date
};

/// The earlier of `expires_in` counted from `sent`, and of `exp` put on our clock by the endpoint's
/// Date (by our own wall clock where there is none). A Date holds whole seconds, so it may be up to
/// a second later than it reads: the earlier of the two readings counts. Neither known: an hour.
/// Never before `sent`, never more than ten years after.
base::Instant expiry(const ExpiryFacts& facts);

/// expires - margin - jitter: the margin in force is never more than half of the life, and the
/// jitter is up to a tenth of it. `chance` is uniform in [0, 1).
base::Instant renewal(base::Instant sent, base::Instant expires, base::Duration margin,
                      double chance);

/// The moment when a token was asked for, and what its giver's clock said.
struct Asked {
  base::Instant sent;  ///< a lifetime is counted from here
  base::WallTime wall;
  std::optional<std::chrono::sys_seconds> date = {};
};

/// By what the answer says and the `exp` of a JWT. Errc::token_malformed, with `fix`, if the token
/// has ended by now.
base::Result<Fetched> with_expiry(TokenResponse response, const Asked& asked,
                                  const base::Clock& clock, const std::string& fix);

/// `part` of `whole`, for a part in [0, 1).
inline base::Duration portion(base::Duration whole, double part) {
  return std::chrono::duration_cast<base::Duration>(whole * part);
}

}  // namespace bearer::token
