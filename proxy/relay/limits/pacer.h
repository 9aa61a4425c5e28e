// Holds a route's requests so that they do not meet a 429: each one until the quotas of its kind
// and the configured ceiling let it go, in order of arrival among those that wait for the same
// (--pacing and --rate).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "http/fields.h"
#include "net/task.h"
#include "net/wait.h"
#include "relay/limits/lane.h"
#include "relay/limits/pacing_options.h"
#include "relay/limits/quota_book.h"
#include "relay/limits/request_kind.h"

namespace bearer::relay {

/// Shared by the loops. Locks nothing while there is neither a ceiling nor an answer that names a
/// quota.
class Pacer {
 public:
  /// `patience`: the longest that a request of the route waits.
  Pacer(const PacingOptions& options, base::Duration patience);

  /// A request that went, until its answer has come. Its end tells the pacer, which outlives it.
  class UnderWay {
   public:
    UnderWay() = default;
    UnderWay(UnderWay&&) noexcept = default;
    UnderWay& operator=(UnderWay&& other) noexcept {
      sent_.swap(other.sent_);
      return *this;
    }
    ~UnderWay() {
      if (sent_) sent_->owner.completed(sent_->stamps);
    }

   private:
    friend class Pacer;
    struct Sent {
      Pacer& owner;
      LaneStamps stamps;
    };
    UnderWay(Pacer& owner, LaneStamps stamps) : sent_(new Sent{owner, std::move(stamps)}) {}

    std::unique_ptr<Sent> sent_;  // null where nobody counts it
  };

  /// If false, every request may go, and none is counted.
  bool awake() const { return awake_.load(std::memory_order_relaxed); }

  enum class Turn {
    now,
    never,  ///< the ceiling does not let it go within the window
    left,   ///< the client left
  };

  /// Waits until a request of that kind may go: for the quotas that answers named for its kind, and
  /// for the ceiling. `under_way` records that it went. A wait for a quota that is expected to end
  /// past `wait.deadline` is not begun, and one that lasts until then is broken off: the request
  /// then goes out of its turn, and may meet the 429. The ceiling is never exceeded. REQUIRES:
  /// `under_way` is empty.
  net::Task<Turn> pass(net::Wait wait, RequestKind kind, UnderWay& under_way);

  /// When a request of that kind that comes now will go, by what is known now: an estimate. A
  /// quota that would hold it past `deadline` does not count, as in pass().
  base::Instant estimate(RequestKind kind, base::Instant now, base::Instant deadline);

  /// When the ceiling would let a request go that came now. Any thread.
  base::Instant next_turn(base::Instant now) const;

  /// The quota that the last answer with one named.
  struct Told {
    std::optional<std::uint64_t> limit;
    std::uint64_t remaining = 0;
    base::Instant resets;
  };
  /// nullopt if no answer did, or pacing is off. Any thread.
  std::optional<Told> told() const;

  /// The head of an answer to that request has come: ends `under_way`, and learns the quotas that
  /// the head names. `asked` is how long the answer asks to wait, if it does.
  void answered(UnderWay& under_way, std::string_view method, std::string_view target,
                const http::FieldList& fields, std::optional<base::Duration> asked,
                const net::Loop& loop) {
    if (awake() || (on_ && http::mentions_quota(fields)))
      learn(under_way, request_kind(method, target), fields, asked, loop);
    under_way = {};
  }

 private:
  struct Closed;
  /// Finds the lane that holds a request of that kind, which is in the queue of `lane` (or in
  /// none). Returns an empty Closed if it may go. REQUIRES: the mutex is held.
  Closed closed(RequestKind kind, const net::Wait& wait, const Lane* lane,
                const std::optional<CrossLoopFifo::Place>& place);
  void sent(RequestKind kind, base::Instant now, UnderWay& under_way);
  void completed(const LaneStamps& stamps);
  void learn(const UnderWay& under_way, RequestKind kind, const http::FieldList& fields,
             std::optional<base::Duration> asked, const net::Loop& loop);

  const bool on_;
  std::atomic<bool> awake_;
  mutable std::mutex mutex_;  // guards what follows
  const std::shared_ptr<CeilingLane> ceiling_;
  QuotaBook book_;
  std::optional<Told> told_;
};

}  // namespace bearer::relay
