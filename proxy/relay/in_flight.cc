#include "relay/in_flight.h"

#include <cassert>

namespace bearer::relay {

/// Stands in the queue as long as it lives, however its coroutine ends.
class InFlight::Queued {
 public:
  Queued(InFlight& owner, std::shared_ptr<Place> place) : owner_(owner), place_(std::move(place)) {}
  Queued(const Queued&) = delete;
  Queued& operator=(const Queued&) = delete;
  ~Queued() {
    place_->sleeper = nullptr;
    std::unique_lock lock(owner_.mutex_);
    owner_.queue_.remove(place_);
    if (!place_->granted) return;
    lock.unlock();
    owner_.release();  // granted, and nobody took it
  }

  /// True once: the place in flight is the caller's then.
  bool take_grant() {
    const std::lock_guard lock(owner_.mutex_);
    return std::exchange(place_->granted, false);
  }

 private:
  InFlight& owner_;
  const std::shared_ptr<Place> place_;
};

// Under one lock: a place that is given back in between would find nobody in the queue.
std::shared_ptr<InFlight::Place> InFlight::take_or_queue(net::Sleeper& sleeper) {
  const std::lock_guard lock(mutex_);
  if (taken_ < most_) {  // nobody queues while a place is free
    ++taken_;
    return nullptr;
  }
  return queue_.emplace_back(std::make_shared<Place>(Place{sleeper.loop(), &sleeper}));
}

net::Task<net::Woke> InFlight::enter(net::Wait wait, Slot& slot) {
  assert(limited());
  if (std::shared_ptr<Place> place = take_or_queue(wait.sleeper)) {
    Queued queued(*this, std::move(place));
    while (!queued.take_grant()) {
      const net::Woke woke = co_await wait.next();
      if (woke == net::Woke::changed) continue;
      if (queued.take_grant()) break;  // it came in the same turn
      co_return woke;
    }
  }
  slot = Slot(this);
  co_return net::Woke::changed;
}

void InFlight::release() {
  const std::lock_guard lock(mutex_);
  if (!queue_.empty()) {
    const std::shared_ptr<Place> place = queue_.front();
    queue_.pop_front();
    place->granted = true;  // the place in flight changes hands: taken_ stays as it is
    place->loop.post([place] {
      if (place->sleeper) place->sleeper->wake();
    });
    return;
  }
  --taken_;
}

}  // namespace bearer::relay
