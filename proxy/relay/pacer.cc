#include "relay/pacer.h"

#include <algorithm>
#include <cassert>
#include <chrono>

namespace bearer::relay {

namespace {

constexpr std::chrono::hours kHorizon{1};

}  // namespace

/// Stands in the queue as long as it lives, however its coroutine ends.
class Pacer::Queued {
 public:
  Queued(Pacer& owner, net::Sleeper& sleeper)
      : owner_(owner), place_(std::make_shared<Place>(Place{sleeper.loop(), &sleeper})) {
    const std::lock_guard lock(owner_.mutex_);
    self_ = owner_.queue_.insert(owner_.queue_.end(), place_);
  }
  Queued(const Queued&) = delete;
  Queued& operator=(const Queued&) = delete;
  ~Queued() {
    place_->sleeper = nullptr;
    const std::lock_guard lock(owner_.mutex_);
    const bool was_first = self_ == owner_.queue_.begin();
    owner_.queue_.erase(self_);
    if (was_first) owner_.call_first();
  }

  /// When the one in this place may go; only the first of the queue has a time. If that is now, it
  /// has gone.
  base::Instant go(base::Instant now, Passage& passage) {
    const std::lock_guard lock(owner_.mutex_);
    if (self_ != owner_.queue_.begin()) return base::kNever;
    const base::Instant turn = owner_.pace_.next(now);
    if (turn <= now) owner_.depart(now, passage);
    return turn;
  }

 private:
  Pacer& owner_;
  const std::shared_ptr<Place> place_;
  Queue::iterator self_;
};

Pacer::Pacer(const PacingOptions& options)
    : on_(options.on), awake_(options.on && options.ceiling.requests > 0), pace_(options.ceiling) {}

net::Task<bool> Pacer::pass(net::Wait wait, Passage& passage) {
  const net::Loop& loop = wait.sleeper.loop();
  {
    const std::lock_guard lock(mutex_);
    const base::Instant turn = pace_.estimate(loop.now(), queue_.size());
    const bool in_turn = queue_.empty() && turn <= loop.now();
    if (in_turn || turn > wait.deadline) {
      depart(loop.now(), passage);
      co_return true;
    }
  }
  Queued queued(*this, wait.sleeper);
  for (;;) {
    const base::Instant turn = queued.go(loop.now(), passage);
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
    awake_.store(true, std::memory_order_relaxed);
  } else {
    pace_.learn_of_none(passage.departure_);
  }
  call_first();
}

void Pacer::call_first() {
  if (queue_.empty()) return;
  const std::shared_ptr<Place> place = queue_.front();
  place->loop.post([place] {
    if (place->sleeper) place->sleeper->wake();
  });
}

}  // namespace bearer::relay
