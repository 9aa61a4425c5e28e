#include "relay/limits/quota_book.h"

#include <algorithm>

namespace bearer::relay {
namespace {

constexpr std::size_t kLanesMax = QuotaBook::kKindsMax * kLanesPerKind;

SendStamp stamp_for(const LaneStamps& stamps, const QuotaLane& lane) {
  const auto* found =
      std::ranges::find(stamps, &lane, [](const LaneStamp& s) { return s.lane.get(); });
  return found == stamps.end() ? SendStamp{} : found->stamp;
}

std::uint64_t identity_of(const http::QuotaClaim& claim, RequestKind kind) {
  return claim.name.empty() ? claim.identity() ^ kind : claim.identity();
}

}  // namespace

std::span<const std::shared_ptr<QuotaLane>> QuotaBook::of(RequestKind kind) const {
  const auto found = kinds_.find(kind);
  if (found == kinds_.end()) return {};
  return found->second;
}

bool QuotaBook::learn(RequestKind kind, const LaneStamps& stamps, const http::QuotaClaims& claims,
                      std::optional<base::Duration> asked, base::Instant now) {
  Lanes told;
  for (const http::QuotaClaim& claim : claims) {
    const auto quota = http::believe(claim, kHorizon);
    if (!quota || told.size() == kLanesPerKind) continue;
    const bool again = asked && *asked > base::Duration::zero() && quota->remaining == 0;
    told.push_back(lane_for(identity_of(claim, kind)));
    told.back()->pace.learn(stamp_for(stamps, *told.back()), *quota, now,
                            again ? asked : std::nullopt);
    told.back()->queue.call_first();
  }
  if (!told.empty()) {
    if (!kinds_.contains(kind)) make_room();
    Lanes& known = kinds_[kind];
    // A request need not wait for a quota that answers no longer name.
    if (known != told) {
      for (const auto& before : known) before->queue.call_first();
    }
    known = std::move(told);
    return true;
  }
  for (const LaneStamp& gone : stamps) {
    if (!gone.lane) break;
    gone.lane->pace.learn_of_none(gone.stamp);
    gone.lane->queue.call_first();
  }
  return false;
}

std::shared_ptr<QuotaLane> QuotaBook::lane_for(std::uint64_t identity) {
  if (lanes_.size() >= kLanesMax) {
    std::erase_if(lanes_, [](const auto& entry) { return entry.second.use_count() == 1; });
  }
  std::shared_ptr<QuotaLane>& lane = lanes_[identity];
  if (!lane) lane = std::make_shared<QuotaLane>(mutex_, patience_);
  return lane;
}

void QuotaBook::make_room() {
  if (kinds_.size() >= kKindsMax) kinds_.erase(kinds_.begin());
}

}  // namespace bearer::relay
