#include "token/expiry.h"

#include <algorithm>
#include <chrono>

namespace bearer::token {
namespace {

base::Duration until_exp(const ExpiryFacts& facts) {
  if (!facts.date) return *facts.exp - facts.wall;
  // In seconds: a Date of the year 9999 is beyond what nanoseconds can count.
  using std::chrono::seconds;
  const seconds max = std::chrono::floor<seconds>(kLifetimeMax);
  const seconds until = std::chrono::floor<seconds>(*facts.exp) - *facts.date - seconds(1);
  return std::clamp(until, -max, max);
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

}  // namespace bearer::token
