// A queue of requests of several loops that wait for the same thing, in order of arrival.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

#include "net/loop.h"

namespace bearer::relay {

/// Guarded by its owner's mutex, which outlives it.
class CrossLoopFifo {
 public:
  explicit CrossLoopFifo(std::mutex& mutex) : mutex_(mutex) {}

  /// REQUIRES: the mutex is held.
  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }
  /// Wakes the first one soon, on its loop's thread. Wakes nobody if it has gone by then.
  void call_first();

  class Place;

 private:
  /// A request that waits. It outlives its place in the queue, because a call travels as a message.
  struct Waiting {
    net::Loop& loop;
    net::Sleeper* sleeper;  ///< touched on the loop's thread only; null once it has left
  };
  using List = std::list<std::shared_ptr<Waiting>>;

  std::mutex& mutex_;
  List waiting_;
};

/// Holds a place in the queue for as long as it lives. It is a local of a coroutine, so the
/// coroutine leaves the queue however it ends. Made and destroyed on the sleeper's loop.
class CrossLoopFifo::Place {
 public:
  /// Takes the last place. REQUIRES: the mutex is held.
  Place(CrossLoopFifo& queue, net::Sleeper& sleeper);
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  /// Calls the next one if this was the first. REQUIRES: the mutex is not held.
  ~Place();

  /// These two need the mutex.
  bool first() const { return at_ == queue_.waiting_.begin(); }
  /// Leaves the queue early, and calls nobody. Once.
  void step_out();

 private:
  CrossLoopFifo& queue_;
  const std::shared_ptr<Waiting> self_;
  List::iterator at_;
  bool inside_ = true;
};

}  // namespace bearer::relay
