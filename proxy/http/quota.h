// A response may say how many requests are left of a quota, and when all of them are again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "http/fields.h"
#include "http/quota_claim.h"
#include "http/rate_limit.h"

namespace bearer::http {

/// True if the response may have a field in which its quota is. In constant time.
inline bool mentions_quota(const FieldList& fields) {
  return fields.has(FieldName::rate_limit) || fields.has(FieldName::hint);
}

/// Everything that is said: each policy of RateLimit, then one claim for each family of
/// hint_fields.h of which a field is there. A field that is not a number, or not a time, is not
/// there. A value without allocation; its views are the fields'.
///
/// A vague reset is vague no more where the window of its quota is told: a number that would end
/// after the window as seconds is milliseconds, and any other seconds. The stricter of a family's
/// fields that disagree counts; a reset whose unit is known comes before one whose unit is not.
class QuotaClaims {
 public:
  QuotaClaims(const FieldList& fields, base::WallTime now);

  const QuotaClaim* begin() const { return claims_.data(); }
  const QuotaClaim* end() const { return claims_.data() + size_; }

 private:
  void read(const Field& field, std::chrono::sys_seconds from);
  void finish(QuotaClaim& claim, const FieldList& fields);

  std::array<QuotaClaim, RateLimit::kPoliciesMax + kQuotaFamilies> claims_;
  std::size_t size_ = 0;
};

/// A quota that may be believed.
struct Quota {
  std::optional<std::uint64_t> limit;  ///< of the whole window; never 0, nor less than `remaining`
  std::uint64_t remaining = 0;
  base::Duration reset{};  ///< from the moment the response was made until all are left again

  bool operator==(const Quota&) const = default;
};

/// nullopt for a claim that is not about requests, lacks its remainder, names neither a reset nor a
/// window (after the whole of which it is full again at the latest), or lies: it allows nothing at
/// all, or is reset in the past, or farther away than `horizon`. A vague reset is taken by the
/// reading that ends first, so that nobody is held for minutes by a number of milliseconds.
std::optional<Quota> believe(const QuotaClaim& claim, base::Duration horizon);

/// True if `a` leaves fewer requests for the time until its reset than `b`, or as few until a reset
/// that is farther away.
bool stricter(const Quota& a, const Quota& b);

/// The strictest of those that may be believed; nullopt if there is none.
std::optional<Quota> strictest_quota(const QuotaClaims& claims, base::Duration horizon);

}  // namespace bearer::http
