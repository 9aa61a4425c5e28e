#include "token/expiry.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "token/jwt_expiry.h"

namespace bearer::token {
namespace {

base::Duration until_exp(const ExpiryFacts& facts) {
  if (!facts.date) return *facts.exp - facts.wall;
  // In seconds, because nanoseconds cannot count to a Date of the year 9999.
  using std::chrono::seconds;
  const seconds max = std::chrono::floor<seconds>(kLifetimeMax);
  const seconds until = std::chrono::floor<seconds>(*facts.exp) - *facts.date - seconds(1);
  return std::clamp(until, -max, max);
}

using Moment = std::optional<base::WallTime>;

Moment earlier(const Moment& one, const Moment& other) {
  return one && other ? std::min(one, other) : one ? one : other;
}

}  // namespace

base::Instant expiry(const ExpiryFacts& facts) {
  base::Duration lifetime = kLifetimeUnknown;
  if (facts.expires_in && facts.exp) {
    lifetime = std::min(*facts.expires_in, until_exp(facts));
  } else if (facts.expires_in) {
    lifetime = *facts.expires_in;
  } else if (facts.exp) {
    lifetime = until_exp(facts);
  }
  return facts.sent + std::clamp(lifetime, base::Duration::zero(), kLifetimeMax);
}

base::Instant renewal(base::Instant sent, base::Instant expires, base::Duration margin,
                      double chance) {
  const base::Duration in_force = std::min(margin, (expires - sent) / 2);
  return expires - in_force - portion(in_force / 10, chance);
}

base::Result<Fetched> with_expiry(TokenResponse response, const Asked& asked,
                                  const base::Clock& clock, const std::string& fix) {
  const base::Instant expires =
      expiry({.sent = asked.sent,
              .wall = asked.wall,
              .expires_in = response.expires_in,
              .exp = earlier(jwt_expiry(response.access_token.reveal()), response.expires_at),
              .date = asked.date});
  if (expires <= clock.now()) {
    return base::Error{base::Errc::token_malformed, "the token had expired by the time it came",
                       fix};
  }
  return Fetched{.value = std::move(response.access_token),
                 .sent = asked.sent,
                 .expires = expires,
                 .scope = std::move(response.scope),
                 .attributes = std::move(response.attributes),
                 .remark = std::move(response.remark)};
}

}  // namespace bearer::token
