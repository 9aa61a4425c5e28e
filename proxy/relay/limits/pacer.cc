#include "relay/limits/pacer.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <optional>

namespace bearer::relay {

namespace {

constexpr std::chrono::hours kHorizon{1};

}  // namespace

Pacer::Pacer(const PacingOptions& options)
    : on_(options.on), awake_(options.on && options.ceiling.requests > 0), pace_(options.ceiling) {}

net::Task<bool> Pacer::pass(net::Wait wait, Permit& permit) {
  const net::Loop& loop = wait.sleeper.loop();
  std::optional<CrossLoopFifo::Place> place;
  {
    const std::lock_guard lock(mutex_);
    const base::Instant turn = pace_.estimate(loop.now(), queue_.size());
    const bool in_turn = queue_.empty() && turn <= loop.now();
    if (in_turn || turn > wait.deadline) {
      sent(loop.now(), permit);
      co_return true;
    }
    place.emplace(queue_, wait.sleeper);
  }
  for (;;) {
    const base::Instant turn = go(*place, loop.now(), permit);
    if (turn <= loop.now()) co_return true;
    const net::Wait until{wait.sleeper, std::min(turn, wait.deadline), wait.cancel_on, wait.over};
    const net::Wake woke = co_await until.next();
    if (woke == net::Wake::peer_closed) co_return false;
    if (loop.now() < wait.deadline) continue;
    const std::lock_guard lock(mutex_);
    sent(loop.now(), permit);
    co_return true;
  }
}

base::Instant Pacer::go(const CrossLoopFifo::Place& place, base::Instant now, Permit& permit) {
  const std::lock_guard lock(mutex_);
  if (!place.first()) return base::kNever;
  const base::Instant turn = pace_.next(now);
  if (turn <= now) sent(now, permit);
  return turn;
}

void Pacer::sent(base::Instant now, Permit& permit) {
  assert(!permit.owner_);  // its end would wait for the mutex
  permit = Permit(*this, pace_.sent(now));
}

void Pacer::completed(const SendStamp& stamp) {
  const std::lock_guard lock(mutex_);
  pace_.completed(stamp);
}

void Pacer::learn(const Permit& permit, const http::FieldList& fields, const net::Loop& loop) {
  const auto quota = http::strictest_quota(fields, loop.clock().wall(), kHorizon);
  if (!quota && !awake()) return;
  const std::lock_guard lock(mutex_);
  if (quota) {
    pace_.learn(permit.stamp_, *quota, loop.now());
    told_ = Told{quota->limit, quota->remaining, loop.now() + quota->reset};
    awake_.store(true, std::memory_order_relaxed);
  } else {
    pace_.learn_of_none(permit.stamp_);
  }
  queue_.call_first();
}

std::optional<Pacer::Told> Pacer::told() const {
  const std::lock_guard lock(mutex_);
  return told_;
}

}  // namespace bearer::relay
