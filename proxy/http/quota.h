// Reads how many requests are left of a quota, and when all of them are left again.
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

/// True if the response may have a field with a quota. In constant time.
inline bool mentions_quota(const FieldList& fields) {
  return fields.has(FieldName::rate_limit) || fields.has(FieldName::hint);
}

/// All claims of a response: each policy of RateLimit, then one claim for each family of
/// hint_fields.h that has a field. A field that is not a number, or not a time, counts as missing.
/// A value without allocation; its views are the fields'.
///
/// A vague reset becomes clear if the window of its quota is known: a number that as seconds would
/// end after the window is milliseconds, and any other seconds. If a family's fields disagree, the
/// stricter one counts; a reset with a known unit comes before one without.
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

/// A quota that was checked.
struct Quota {
  std::optional<std::uint64_t> limit;  ///< of the whole window; never 0, nor less than `remaining`
  std::uint64_t remaining = 0;
  base::Duration reset{};  ///< from the response's making until all are left again

  bool operator==(const Quota&) const = default;
};

/// nullopt for a claim that is not about requests, lacks its remainder, names neither a reset nor a
/// window (after which the quota is full again at the latest), or cannot be true: it allows nothing
/// at all, or is reset in the past, or farther away than `horizon`. A vague reset is read so that
/// it ends first, so that nobody is held for minutes because of a number of milliseconds.
std::optional<Quota> believe(const QuotaClaim& claim, base::Duration horizon);

/// True if `a` leaves fewer requests until its reset than `b`, or as few until a later reset.
bool stricter(const Quota& a, const Quota& b);

/// The strictest of the claims that believe() accepts; nullopt if there is none.
std::optional<Quota> strictest_quota(const QuotaClaims& claims, base::Duration horizon);

}  // namespace bearer::http
