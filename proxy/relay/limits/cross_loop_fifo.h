// Requests of several loops that wait for the same thing, in order of arrival.
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

  /// With the mutex.
  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }
  /// Wakes the first one, on its loop's thread; soon, and nobody if it has gone by then.
  void call_first();

  class Place;

 private:
  /// One who waits. Outlives the queue's knowledge of it: a call travels by message.
  struct Waiting {
    net::Loop& loop;
    net::Sleeper* sleeper;  ///< touched on the loop's thread only; null once it has left
  };
  using List = std::list<std::shared_ptr<Waiting>>;

  std::mutex& mutex_;
  List waiting_;
};

/// Stands in the queue as long as it lives: a coroutine's local, so that it leaves the queue
/// however the coroutine ends. Made and destroyed on the sleeper's loop.
class CrossLoopFifo::Place {
 public:
  /// At the end. With the mutex.
  Place(CrossLoopFifo& queue, net::Sleeper& sleeper);
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  /// Without the mutex. Calls the next one if this was the first.
  ~Place();

  /// With the mutex, both.
  bool first() const { return at_ == queue_.waiting_.begin(); }
  /// Leaves before its end, and calls nobody. Once.
  void step_out();

 private:
  CrossLoopFifo& queue_;
  const std::shared_ptr<Waiting> self_;
  List::iterator at_;
  bool inside_ = true;
};

}  // namespace bearer::relay
