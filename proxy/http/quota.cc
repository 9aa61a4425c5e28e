#include "http/quota.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "base/text.h"
#include "http/rate_limit.h"
#include "http/time_ahead.h"

namespace bearer::http {
namespace {

using std::chrono::milliseconds, std::chrono::seconds;

/// The Date and the epoch of a reset are whole seconds: so much may they be apart without a lie.
constexpr seconds kDateResolution{1};

/// As they were read.
struct Claims {
  std::optional<std::uint64_t> limit, remaining;
  std::optional<std::int64_t> reset;
};

/// True if `a` allows fewer requests a second than `b`.
bool stricter(const Quota& a, const Quota& b) {
  using Seconds = std::chrono::duration<double>;
  const double fewer = static_cast<double>(a.remaining) * Seconds(b.reset).count();
  const double more = static_cast<double>(b.remaining) * Seconds(a.reset).count();
  return fewer != more ? fewer < more : a.reset > b.reset;
}

class Strictest {
 public:
  Strictest(std::chrono::sys_seconds from, base::Duration horizon)
      : from_(from), horizon_(horizon) {}

  void consider(const Claims& claims) {
    const auto quota = believe(claims);
    if (quota && (!strictest_ || stricter(*quota, *strictest_))) strictest_ = quota;
  }
  const std::optional<Quota>& get() const { return strictest_; }

 private:
  std::optional<Quota> believe(const Claims& claims) const {
    if (!claims.remaining || !claims.reset || claims.limit == 0) return std::nullopt;
    const milliseconds reset = time_ahead(*claims.reset, from_);
    if (reset < -kDateResolution) return std::nullopt;
    Quota quota{claims.limit, *claims.remaining, bounded_delay(reset)};
    if (quota.reset > horizon_) return std::nullopt;
    if (quota.limit) quota.limit = std::max(*quota.limit, quota.remaining);
    return quota;
  }

  const std::chrono::sys_seconds from_;
  const base::Duration horizon_;
  std::optional<Quota> strictest_;
};

/// The first number of `100, 100;w=60`: the others are of its policies.
std::optional<std::uint64_t> count(std::string_view value) {
  return base::parse_decimal(base::trim(value.substr(0, value.find_first_of(",;"))));
}

/// Less than nothing is no time.
std::optional<std::int64_t> reset_number(std::string_view value) {
  return value.starts_with('-') ? std::nullopt : parse_time_number(value);
}

Claims inin(const FieldList& fields) {
  const auto used = count(fields.value(FieldName::inin_rate_limit_count));
  Claims claims{count(fields.value(FieldName::inin_rate_limit_allowed)), std::nullopt,
                reset_number(fields.value(FieldName::inin_rate_limit_reset))};
  if (used && claims.limit) claims.remaining = *claims.limit - std::min(*used, *claims.limit);
  return claims;
}

/// Without a reset of its own a policy is full again after its whole window at the latest.
Claims claims_of(const RateLimitPolicy& policy) {
  return {policy.limit, policy.remaining, policy.reset ? policy.reset : policy.window};
}

}  // namespace

std::optional<Quota> strictest_quota(const FieldList& fields, base::WallTime now,
                                     base::Duration horizon) {
  Strictest strictest(response_time(fields, now), horizon);
  for (const RateLimitPolicy& policy : RateLimit(fields)) {
    if (policy.counts_requests) strictest.consider(claims_of(policy));
  }
  strictest.consider({count(fields.value(FieldName::rate_limit_limit)),
                      count(fields.value(FieldName::rate_limit_remaining)),
                      reset_number(fields.value(FieldName::rate_limit_reset))});
  strictest.consider({count(fields.value(FieldName::x_rate_limit_limit)),
                      count(fields.value(FieldName::x_rate_limit_remaining)),
                      reset_number(fields.value(FieldName::x_rate_limit_reset))});
  strictest.consider(inin(fields));
  return strictest.get();
}

}  // namespace bearer::http
