// From a token as it came to a token that the keeper can plan with.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "token/fetcher.h"
#include "token/oauth/response.h"

namespace bearer::token {

/// When a token was asked for, and what its giver's clock said.
struct Asked {
  base::Instant sent;  ///< a lifetime is counted from here
  base::WallTime wall;
  std::optional<std::chrono::sys_seconds> date = {};
};

/// By expires_in and the `exp` of a JWT (expiry.h). Errc::token_malformed, with `mend`, if the
/// token has ended by now.
base::Result<Fetched> with_expiry(TokenResponse response, const Asked& asked,
                                  const base::Clock& clock, const std::string& fix);

}  // namespace bearer::token
