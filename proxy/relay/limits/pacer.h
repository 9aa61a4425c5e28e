// Holds a route's requests so that they do not meet a 429: in order of arrival, each until its
// quota, or the ceiling that was set, lets it go (contract section 2, --pacing and --rate).
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "http/fields.h"
#include "net/task.h"
#include "net/wait.h"
#include "relay/limits/cross_loop_fifo.h"
#include "relay/limits/pace.h"

namespace bearer::relay {

/// Shared by the loops. Nothing is locked as long as there is neither a ceiling nor an answer that
/// names a quota.
class Pacer {
 public:
  explicit Pacer(const PacingOptions& options);

  /// A request that went, until its answer has come: its end tells the pacer, which outlives it.
  class Permit {
   public:
    Permit() = default;
    Permit(Pacer& owner, const SendStamp& stamp) : owner_(&owner), stamp_(stamp) {}
    Permit(Permit&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), stamp_(other.stamp_) {}
    Permit& operator=(Permit&& other) noexcept {
      std::swap(owner_, other.owner_);
      std::swap(stamp_, other.stamp_);
      return *this;
    }
    ~Permit() {
      if (owner_) owner_->completed(stamp_);
    }

   private:
    friend class Pacer;
    Pacer* owner_ = nullptr;
    SendStamp stamp_;
  };

  /// If false, every request may go, and nobody counts them.
  bool awake() const { return awake_.load(std::memory_order_relaxed); }

  /// Waits until the request may go; `passage` holds that it went. A wait that would end past
  /// `wait.deadline`, by what is known now, is not begun, and one that turns out to do so is broken
  /// off at the deadline: the request goes out of its turn then, and may meet the 429. False if its
  /// client left. REQUIRES: an empty passage.
  net::Task<bool> pass(net::Wait wait, Permit& permit);

  /// What the last answer that named a quota said.
  struct Told {
    std::optional<std::uint64_t> limit;
    std::uint64_t remaining = 0;
    base::Instant resets;
  };
  /// nullopt where none did, or pacing is off. Any thread.
  std::optional<Told> told() const;

  /// The head of an answer has come: ends `passage`, and learns from what the head says of the
  /// quota. A reset that is more than an hour away is not paced: to spread what is left of a day
  /// would hold every request of it.
  void answered(Permit& permit, const http::FieldList& fields, const net::Loop& loop) {
    if (awake() || (on_ && http::mentions_quota(fields))) learn(permit, fields, loop);
    permit = {};
  }

 private:
  /// When the one in this place may go; only the first of the queue has a time. If that is now, it
  /// has gone.
  base::Instant go(const CrossLoopFifo::Place& place, base::Instant now, Permit& permit);
  void sent(base::Instant now, Permit& permit);
  void completed(const SendStamp& stamp);
  void learn(const Permit& permit, const http::FieldList& fields, const net::Loop& loop);

  const bool on_;
  std::atomic<bool> awake_;
  mutable std::mutex mutex_;  // guards what follows; depart() is called with it
  Pace pace_;
  std::optional<Told> told_;
  CrossLoopFifo queue_{mutex_};
};

}  // namespace bearer::relay
