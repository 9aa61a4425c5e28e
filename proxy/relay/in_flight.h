// A limit on the requests that are at a route's upstream at once; the rest queue in order of
// arrival (contract section 2, --max-in-flight).
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <utility>

#include "net/task.h"
#include "net/wait.h"

namespace bearer::relay {

/// Shared by the loops; locks only where a limit is set.
class InFlight {
 public:
  explicit InFlight(std::size_t most) : most_(most) {}

  /// A place at the upstream, given back with this object; the InFlight outlives it.
  class Slot {
   public:
    Slot() = default;
    explicit Slot(InFlight* owner) : owner_(owner) {}
    Slot(Slot&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(owner_, other.owner_);
      return *this;
    }
    ~Slot() {
      if (owner_) owner_->release();
    }

   private:
    InFlight* owner_ = nullptr;
  };

  bool limited() const { return most_ > 0; }
  /// Waits for a place: `slot` holds it where the answer is `changed`; else late or left.
  net::Task<net::Woke> enter(net::Wait wait, Slot& slot);

 private:
  /// One who queues. Outlives the queue's knowledge of it: a grant travels by message.
  struct Place {
    net::Loop& loop;
    net::Sleeper* sleeper;  ///< touched on the loop's thread only; null once it has left
    bool granted = false;   ///< guarded by mutex_
  };
  class Queued;

  /// Null if a place in flight was taken, else the place in the queue.
  std::shared_ptr<Place> take_or_queue(net::Sleeper& sleeper);
  void release();

  const std::size_t most_;
  std::mutex mutex_;
  std::size_t taken_ = 0;
  std::list<std::shared_ptr<Place>> queue_;
};

}  // namespace bearer::relay
