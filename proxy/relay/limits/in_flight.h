// Limits how many requests are at a route's upstream at once. The rest queue in order of arrival
// (--max-in-flight).
#pragma once

#include <cstddef>
#include <mutex>
#include <utility>

#include "net/task.h"
#include "net/wait.h"
#include "relay/limits/cross_loop_fifo.h"

namespace bearer::relay {

/// Shared by the loops. Locks only if a limit is set.
class InFlight {
 public:
  explicit InFlight(std::size_t most) : most_(most) {}

  /// The right to be at the upstream. Its destructor gives it back; the InFlight outlives it.
  class Permit {
   public:
    Permit() = default;
    explicit Permit(InFlight* owner) : owner_(owner) {}
    Permit(Permit&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      std::swap(owner_, other.owner_);
      return *this;
    }
    ~Permit() {
      if (owner_) owner_->release();
    }

    bool held() const { return owner_ != nullptr; }

   private:
    InFlight* owner_ = nullptr;
  };

  bool limited() const { return most_ > 0; }
  /// Waits until `permit` is held. If the result is not `ready`, the wait was too long, or the
  /// client left.
  net::Task<net::Wake> enter(net::Wait wait, Permit& permit);

 private:
  /// Takes a free permit for the first in the queue, which then leaves it. False if there is none.
  bool take(CrossLoopFifo::Place& place);
  void release();

  const std::size_t most_;
  std::mutex mutex_;  // guards what follows
  std::size_t taken_ = 0;
  CrossLoopFifo queue_{mutex_};
};

}  // namespace bearer::relay
