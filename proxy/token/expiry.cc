#include "token/expiry.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.h"
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

bool is_past(base::WallTime end, const Asked& asked) {
  return asked.date ? std::chrono::floor<std::chrono::seconds>(end) <= *asked.date
                    : end <= asked.wall;
}

void add_remark(std::string& remark, std::string_view more) {
  if (!remark.empty()) remark += "; ";
  remark += more;
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
  ExpiryFacts facts{.sent = asked.sent,
                    .wall = asked.wall,
                    .expires_in = response.expires_in,
                    .date = asked.date};
  bool past = response.lifetime_is_negative;
  if (past && !asked.just_made) {
    return base::Error{base::Errc::token_malformed,
                       "the token has ended already: its lifetime (expires_in) is negative", fix};
  }
  for (const Moment& end : {jwt_expiry(response.access_token.reveal()), response.expires_at}) {
    const bool wrong = end && asked.just_made && is_past(*end, asked);
    past = past || wrong;
    if (!wrong) facts.exp = earlier(facts.exp, end);
  }
  const base::Instant expires = expiry(facts);
  if (expires <= clock.now()) {
    return base::Error{base::Errc::token_malformed, "the token had expired by the time it came",
                       fix};
  }
  if (past) {
    add_remark(response.remark,
               "the new token is said to have ended already, by a wrong clock or time zone: that "
               "is left out, and it is taken to last " +
                   base::format_duration(expires - asked.sent));
  }
  return Fetched{.value = std::move(response.access_token),
                 .sent = asked.sent,
                 .expires = expires,
                 .scope = std::move(response.scope),
                 .attributes = std::move(response.attributes),
                 .remark = std::move(response.remark),
                 .past_end = past && !facts.expires_in && !facts.exp};
}

}  // namespace bearer::token
