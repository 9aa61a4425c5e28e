// How long requests took, to the microsecond: counted, never averaged.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "bench/peers/poller.h"

namespace bearer::bench {

class Latencies {
 public:
  void add(Duration took) {
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    max_ = std::max(max_, microseconds);
    ++counts_[std::min(static_cast<std::size_t>(microseconds), counts_.size() - 1)];
    ++total_;
  }

  std::uint64_t total() const { return total_; }
  std::int64_t max() const { return max_; }

  /// The smallest number of microseconds that at least `share` of all requests took at most; what
  /// took more than a second counts as a second.
  std::size_t quantile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > wanted) return i;
    }
    return counts_.size() - 1;
  }

  std::uint64_t slower_than(std::size_t microseconds) const {
    std::uint64_t slower = 0;
    for (std::size_t i = microseconds + 1; i < counts_.size(); ++i) slower += counts_[i];
    return slower;
  }

 private:
  std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(1'000'001);
  std::uint64_t total_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace bearer::bench
