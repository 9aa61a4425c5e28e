#include "relay/limits/cross_loop_fifo.h"

#include <cassert>

namespace bearer::relay {

void CrossLoopFifo::call_first() {
  if (waiting_.empty()) return;
  const std::shared_ptr<Waiting> first = waiting_.front();
  first->loop.post([first] {
    if (first->sleeper) first->sleeper->wake();
  });
}

CrossLoopFifo::Place::Place(CrossLoopFifo& queue, net::Sleeper& sleeper)
    : queue_(queue),
      self_(std::make_shared<Waiting>(Waiting{sleeper.loop(), &sleeper})),
      at_(queue_.waiting_.insert(queue_.waiting_.end(), self_)) {}

CrossLoopFifo::Place::~Place() {
  self_->sleeper = nullptr;
  const std::lock_guard lock(queue_.mutex_);
  if (!inside_) return;
  const bool was_first = first();
  step_out();
  if (was_first) queue_.call_first();
}

void CrossLoopFifo::Place::step_out() {
  assert(inside_);
  queue_.waiting_.erase(at_);
  inside_ = false;
}

}  // namespace bearer::relay
