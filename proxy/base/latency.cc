#include "base/latency.h"

#include <algorithm>
#include <numeric>

namespace bearer::base {

std::uint64_t Latencies::count() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

Duration Latencies::quantile(double quantile) const {
  const std::uint64_t all = count();
  if (all == 0) return {};
  const double rank = quantile * static_cast<double>(all);
  double below = 0;
  for (std::size_t i = 0; i < kLatencyBounds.size(); ++i) {
    const auto here = static_cast<double>(counts[i]);
    if (here > 0 && below + here >= rank) {
      const Duration least = i == 0 ? Duration{} : kLatencyBounds[i - 1];
      const double share = std::max(rank - below, 0.0) / here;
      const auto width = static_cast<double>((kLatencyBounds[i] - least).count());
      return least + Duration(static_cast<Duration::rep>(share * width));
    }
    below += here;
  }
  return kLatencyBounds.back();
}

Latencies& Latencies::operator+=(const Latencies& other) {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum += other.sum;
  return *this;
}

Latencies Latencies::since(const Latencies& earlier) const {
  Latencies difference = *this;
  for (std::size_t i = 0; i < counts.size(); ++i) difference.counts[i] -= earlier.counts[i];
  difference.sum -= earlier.sum;
  return difference;
}

void LatencyRecorder::record(Duration took) {
  const auto* bound = std::ranges::lower_bound(kLatencyBounds, took);
  counts_[static_cast<std::size_t>(bound - kLatencyBounds.begin())].add();
  sum_ns_.add(static_cast<std::uint64_t>(took.count()));
}

Latencies LatencyRecorder::read() const {
  Latencies read;
  for (std::size_t i = 0; i < counts_.size(); ++i) read.counts[i] = counts_[i].value();
  read.sum = Duration(static_cast<Duration::rep>(sum_ns_.value()));
  return read;
}

}  // namespace bearer::base
