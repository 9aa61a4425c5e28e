// What may hold a request back, and the requests that wait there in order of arrival: the route's
// ceiling, or one quota of its upstream's.
#pragma once

#include <cstdint>
#include <mutex>

#include "base/clock.h"
#include "relay/limits/ceiling_pace.h"
#include "relay/limits/cross_loop_fifo.h"
#include "relay/limits/quota_pace.h"

namespace bearer::relay {

/// Guarded by `mutex`, which outlives it.
struct Lane {
  explicit Lane(std::mutex& mutex) : queue(mutex) {}
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  virtual ~Lane() = default;

  /// When the next request may go; in the past: now.
  virtual base::Instant next(base::Instant now) = 0;
  /// When the request behind `ahead` others may go, by what is known now.
  virtual base::Instant estimate(base::Instant now, std::uint64_t ahead) = 0;
  /// The same for one that comes now.
  base::Instant estimate(base::Instant now) { return estimate(now, queue.size()); }

  CrossLoopFifo queue;
};

struct CeilingLane final : Lane {
  CeilingLane(std::mutex& mutex, const Rate& ceiling) : Lane(mutex), pace(ceiling) {}
  base::Instant next(base::Instant) override { return pace.next(); }
  using Lane::estimate;
  base::Instant estimate(base::Instant, std::uint64_t ahead) override {
    return pace.estimate(ahead);
  }

  CeilingPace pace;
};

struct QuotaLane final : Lane {
  QuotaLane(std::mutex& mutex, base::Duration patience) : Lane(mutex), pace(patience) {}
  base::Instant next(base::Instant now) override { return pace.next(now); }
  using Lane::estimate;
  base::Instant estimate(base::Instant now, std::uint64_t ahead) override {
    return pace.estimate(now, ahead);
  }

  QuotaPace pace;
};

}  // namespace bearer::relay
