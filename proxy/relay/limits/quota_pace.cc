#include "relay/limits/quota_pace.h"

#include <algorithm>
#include <chrono>

#include "relay/limits/ceiling_pace.h"

namespace bearer::relay {

using base::Duration;
using base::Instant;

namespace {

// A reset comes in whole seconds, which may have been rounded down.
constexpr std::chrono::seconds kResetResolution{1};

}  // namespace

Instant QuotaPace::slot(std::uint64_t ahead) const {
  if (last_slot_ < began_) return began_;  // nobody has gone yet
  return last_slot_ + share(ends_ - last_slot_, ahead + 1, left_ + 1);
}

bool QuotaPace::scarce(Instant now) const {
  constexpr std::uint64_t kTenth = 10;
  if (limit_ == 0) return false;
  if (!proved_ || left_ == 0) return true;
  return left_ <= limit_ / kTenth && ends_ - now > patience_;
}

Instant QuotaPace::next(Instant now) {
  turn_over(now);
  return scarce(now) ? slot(0) : now;
}

Instant QuotaPace::estimate(Instant now, std::uint64_t ahead) {
  turn_over(now);
  if (!scarce(now)) return now;
  if (ahead < std::max<std::uint64_t>(left_, 1)) return slot(ahead);
  // The others find whole windows before them.
  return base::after(ends_, share(length_, (ahead - left_) / limit_, 1));
}

SendStamp QuotaPace::sent(Instant now) {
  last_slot_ = next(now);
  if (left_ > 0) --left_;
  return {++sent_, completed_};
}

void QuotaPace::completed(const SendStamp& stamp) {
  if (stamp.number > 0) ++completed_;
}

/// Only this request, and those whose answers had come before it went, are in the upstream's count
/// for certain.
std::uint64_t QuotaPace::least_left(const SendStamp& stamp, const http::Quota& quota) const {
  const bool counted = stamp.number > 0;
  const std::uint64_t uncounted = counted ? sent_ - stamp.completed - 1 : sent_ - completed_;
  return quota.remaining - std::min(quota.remaining, uncounted);
}

void QuotaPace::learn(const SendStamp& stamp, const http::Quota& quota, Instant now,
                      std::optional<Duration> again) {
  turn_over(now);
  if (stamp.number < first_) return;
  const Duration reset = quota.reset + kResetResolution;
  const Instant ends = base::after(now, again ? std::min(*again, quota.reset) : reset);
  const std::uint64_t least = least_left(stamp, quota);
  if (limit_ == 0 || ends > ends_ + kResetResolution) {
    first_ = stamp.number;
    left_ = least;
    last_slot_ = now;
    ends_ = ends;
    length_ = reset;
  } else {
    left_ = std::clamp(left_, least, quota.remaining);
    ends_ = std::min(ends_, ends);
  }
  // A quota that is used up and does not name its limit has one all the same.
  limit_ = quota.limit.value_or(std::max({limit_, quota.remaining, std::uint64_t{1}}));
  proved_ = true;
}

void QuotaPace::learn_of_none(const SendStamp& stamp) {
  if (!proved_ && stamp.number >= first_) limit_ = 0;
}

/// If a window should be over, another one has followed it, about which nothing is known yet.
void QuotaPace::turn_over(Instant now) {
  if (limit_ == 0 || now < ends_) return;
  left_ = limit_;
  proved_ = false;
  first_ = sent_ + 1;
  began_ = now;
  ends_ = base::after(now, length_);
}

}  // namespace bearer::relay
