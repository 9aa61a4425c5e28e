#include "relay/pacer.h"

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

net::Task<bool> Pacer::pass(net::Wait wait, Passage& passage) {
  const net::Loop& loop = wait.sleeper.loop();
  std::optional<LoopQueue::Place> place;
  {
    const std::lock_guard lock(mutex_);
    const base::Instant turn = pace_.estimate(loop.now(), queue_.size());
    const bool in_turn = queue_.empty() && turn <= loop.now();
    if (in_turn || turn > wait.deadline) {
      depart(loop.now(), passage);
      co_return true;
    }
    place.emplace(queue_, wait.sleeper);
  }
  for (;;) {
    const base::Instant turn = go(*place, loop.now(), passage);
    if (turn <= loop.now()) co_return true;
    const net::Wait until{wait.sleeper, std::min(turn, wait.deadline), wait.beneficiary};
    const net::Woke woke = co_await until.next();
    if (woke == net::Woke::left) co_return false;
    if (loop.now() < wait.deadline) continue;
    const std::lock_guard lock(mutex_);
    depart(loop.now(), passage);
    co_return true;
  }
}

base::Instant Pacer::go(const LoopQueue::Place& place, base::Instant now, Passage& passage) {
  const std::lock_guard lock(mutex_);
  if (!place.first()) return base::kNever;
  const base::Instant turn = pace_.next(now);
  if (turn <= now) depart(now, passage);
  return turn;
}

void Pacer::depart(base::Instant now, Passage& passage) {
  assert(!passage.owner_);  // its end would wait for the mutex
  passage = Passage(*this, pace_.depart(now));
}

void Pacer::arrived(const Departure& departure) {
  const std::lock_guard lock(mutex_);
  pace_.arrive(departure);
}

void Pacer::learn(const Passage& passage, const http::FieldList& fields, const net::Loop& loop) {
  const auto quota = http::strictest_quota(fields, loop.clock().wall(), kHorizon);
  if (!quota && !awake()) return;
  const std::lock_guard lock(mutex_);
  if (quota) {
    pace_.learn(passage.departure_, *quota, loop.now());
    told_ = Told{quota->limit, quota->remaining, loop.now() + quota->reset};
    awake_.store(true, std::memory_order_relaxed);
  } else {
    pace_.learn_of_none(passage.departure_);
  }
  queue_.call_first();
}

std::optional<Pacer::Told> Pacer::told() const {
  const std::lock_guard lock(mutex_);
  return told_;
}

}  // namespace bearer::relay
