// The quotas of a route, and the kinds of requests that each one concerns. An API may count its
// searches apart from everything else: searches that have none left must not hold the others.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "http/quota.h"
#include "relay/limits/lane.h"
#include "relay/limits/request_kind.h"

namespace bearer::relay {

/// A request that went, by the count of one of its quotas.
struct LaneStamp {
  std::shared_ptr<QuotaLane> lane;
  SendStamp stamp;
};
inline constexpr std::size_t kLanesPerKind = 4;
using LaneStamps = std::array<LaneStamp, kLanesPerKind>;  ///< the last ones may be null

/// Guarded by its owner's mutex, which outlives it and is held for every call. Bounded: if there
/// are too many kinds, it forgets as few as it must.
class QuotaBook {
 public:
  QuotaBook(std::mutex& mutex, base::Duration patience) : mutex_(mutex), patience_(patience) {}

  using Lanes = std::vector<std::shared_ptr<QuotaLane>>;

  /// The quotas that the last answer to a request of that kind named; empty if it named none.
  std::span<const std::shared_ptr<QuotaLane>> of(RequestKind kind) const;

  /// An answer to a request of that kind has come. A quota with a name is the same for every kind
  /// that was told of it; one without is its kind's own, because two of them may have the same
  /// limit by chance. Quotas that an answer no longer names are forgotten once their window is
  /// over. If the answer asked for a wait (`asked`), quotas of which nothing is left are taken for
  /// full after that, even if their reset is later. Returns whether it named any.
  bool learn(RequestKind kind, const LaneStamps& stamps, const http::QuotaClaims& claims,
             std::optional<base::Duration> asked, base::Instant now);

  static constexpr std::size_t kKindsMax = 256;
  /// A quota whose reset is farther away is not paced: to spread the rest of a day's quota would
  /// hold every request.
  static constexpr std::chrono::hours kHorizon{1};

 private:
  std::shared_ptr<QuotaLane> lane_for(std::uint64_t identity);
  void make_room();

  std::mutex& mutex_;
  const base::Duration patience_;
  std::unordered_map<RequestKind, Lanes> kinds_;
  std::unordered_map<std::uint64_t, std::shared_ptr<QuotaLane>> lanes_;
};

}  // namespace bearer::relay
