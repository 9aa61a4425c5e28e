#include "token/refresh/refresh_schedule.h"

#include <algorithm>
#include <cassert>

#include "token/expiry.h"
#include "token/fetcher.h"

namespace bearer::token {
namespace {

/// Returns `first` at the beginning, then twice the last.
base::Duration doubled(base::Duration last, base::Duration first, base::Duration max) {
  return last == base::Duration::zero() ? first : std::min(2 * last, max);
}

base::Duration least_wait(const base::Error& failure) {
  const base::Duration asked = failure.retry_after.value_or(base::Duration::zero());
  const bool quota = failure.code == base::Errc::token_rate_limited;
  return std::min(asked, quota ? kQuotaWaitMax : kFaultWaitMax);
}

}  // namespace

void RefreshSchedule::fetched(base::Instant now, base::Instant sent, base::Instant ends,
                              double chance) {
  assert(fetching_);
  fetching_ = ordered_ = watches_inputs_ = may_pass_ = false;
  wait_ = base::Duration::zero();
  not_before_ = base::Instant::min();
  health_ = State::Health::good;
  ++generation_;
  due_ = std::max(renewal(sent, ends, margin_, chance), now + kFetchGapMin);
}

void RefreshSchedule::failed(base::Instant now, const base::Error& failure, double chance) {
  assert(fetching_);
  fetching_ = false;
  const bool rejection = is_rejection(failure.code);
  may_pass_ = failure.code == base::Errc::token_unauthorized;
  health_ = rejection ? State::Health::rejected : State::Health::unavailable;
  watches_inputs_ = rejection || failure.code == base::Errc::file_unreadable;
  const base::Duration least = least_wait(failure);
  not_before_ = base::after(now, least);
  due_ = base::after(now, next_wait(rejection, least, chance));
  if (ordered_) due_ = now;
  ordered_ = false;
}

base::Duration RefreshSchedule::next_wait(bool rejection, base::Duration least, double chance) {
  if (rejection != wait_is_for_rejection_) wait_ = base::Duration::zero();
  wait_is_for_rejection_ = rejection;
  if (rejection) {
    wait_ = doubled(wait_, kRejectedWaitMin, kRejectedWaitMax);
    return std::max(wait_, least);
  }
  wait_ = doubled(wait_, kTransientWaitMin, kTransientWaitMax);
  return std::max(wait_, least) + portion(wait_ / 2, chance);
}

RefreshSchedule::AfterReject RefreshSchedule::reject(base::Instant now, std::uint64_t generation) {
  rejected_generation_ = std::max(rejected_generation_, std::min(generation, generation_));
  if (generation < generation_) return AfterReject::newer_is_there;
  if (fetching_) return AfterReject::fetch_under_way;
  if (generation <= held_generation_ && now < hold_off_ends_) return AfterReject::nothing_newer;
  switch (health_) {
    case State::Health::rejected: return AfterReject::nothing_newer;
    case State::Health::unavailable:  // its backoff goes on: a 401 must not hammer the endpoint
    case State::Health::starting: return AfterReject::fetch_under_way;
    case State::Health::good: break;
  }
  if (due_ <= now) return AfterReject::fetch_under_way;
  due_ = now;
  return AfterReject::fetch_begins;
}

RefreshSchedule::HoldOff RefreshSchedule::replayed(base::Instant now, std::uint64_t generation,
                                                   bool accepted) {
  if (accepted) {
    const bool ended = hold_off_ != base::Duration::zero();
    hold_off_ = base::Duration::zero();
    held_generation_ = 0;
    accepted_generation_ = std::max(accepted_generation_, generation);
    return {.ended = ended};
  }
  if (generation <= held_generation_ || generation <= accepted_generation_) return {};
  // The last hold-off was a while ago, so it says nothing about the length of this one.
  if (now - hold_off_ > hold_off_ends_) hold_off_ = base::Duration::zero();
  // Under load, other requests have already forced the next fetch. Its token is no better, and
  // would force one more. So the hold-off covers the current token and one that is on its way.
  held_generation_ = generation_ + (fetching_ || due_ <= now ? 1 : 0);
  hold_off_ = doubled(hold_off_, kHoldOffMin, kHoldOffMax);
  hold_off_ends_ = now + hold_off_;
  return {.began = hold_off_};
}

void RefreshSchedule::refresh_now(base::Instant now) {
  if (now < next_order_) return;  // the last order's fetch answers this one, too
  next_order_ = base::after(now, kOrderGapMin);
  if (fetching_) {
    ordered_ = true;
  } else {
    due_ = std::min(due_, now);
  }
}

void RefreshSchedule::inputs_changed(base::Instant now) {
  assert(!fetching_);
  due_ = std::max(now, not_before_);
}

}  // namespace bearer::token
