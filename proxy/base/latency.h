// A histogram of durations between fixed bounds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/count.h"

namespace bearer::base {

/// Upper bounds, inclusive: 1, 1.5, 2, 3, 5 and 7 of each decade from 100 µs to 300 s. A quantile
/// between two bounds is estimated with an error of a few percent.
inline constexpr auto kLatencyBounds = [] {
  constexpr std::array<int, 6> kSteps{10, 15, 20, 30, 50, 70};
  std::array<Duration, 40> bounds{};
  Duration decade = std::chrono::microseconds(10);
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    bounds[i] = decade * kSteps[i % kSteps.size()];
    if (i % kSteps.size() == kSteps.size() - 1) decade *= 10;
  }
  return bounds;
}();

/// The counts up to some moment. A value.
struct Latencies {
  std::array<std::uint64_t, kLatencyBounds.size() + 1> counts{};  ///< the last: beyond all bounds
  Duration sum{};

  std::uint64_t count() const;
  /// The duration that a share of `quantile` (0 to 1) did not exceed; zero if there are no counts.
  Duration quantile(double quantile) const;

  Latencies& operator+=(const Latencies& other);
  /// Returns the counts since `earlier`.
  Latencies since(const Latencies& earlier) const;
  bool operator==(const Latencies&) const = default;
};

/// One thread writes, any thread reads.
class LatencyRecorder {
 public:
  void record(Duration took);
  Latencies read() const;

 private:
  std::array<Count, kLatencyBounds.size() + 1> counts_;
  Count sum_ns_;
};

}  // namespace bearer::base
