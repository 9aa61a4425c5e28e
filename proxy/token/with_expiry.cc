#include "token/with_expiry.h"

#include <utility>

#include "token/expiry.h"
#include "token/oauth/jwt.h"

namespace bearer::token {

base::Result<Fetched> with_expiry(TokenResponse response, const Asked& asked,
                                  const base::Clock& clock, const std::string& fix) {
  const base::Instant expires = expiry({.sent = asked.sent,
                                        .wall = asked.wall,
                                        .expires_in = response.expires_in,
                                        .exp = jwt_expiry(response.access_token.reveal()),
                                        .date = asked.date});
  if (expires <= clock.now()) {
    return base::Error{base::Errc::token_malformed, "the token had expired by the time it came",
                       fix};
  }
  return Fetched{std::move(response.access_token), asked.sent, expires, std::move(response.scope),
                 std::move(response.upstream)};
}

}  // namespace bearer::token
