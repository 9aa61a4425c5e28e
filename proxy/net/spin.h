// Predicts whether polling once more, for a short while, avoids going to sleep.
#pragma once

#include <algorithm>

namespace bearer::net {

/// Learns from the results: after each miss it says yes half as often, down to one wait in 64.
class Spin {
 public:
  bool worth_it() {
    if (to_skip_ == 0) return true;
    --to_skip_;
    return false;
  }
  void hit() { misses_ = 0; }
  void missed() {
    constexpr unsigned kMissesMax = 6;
    misses_ = std::min(misses_ + 1, kMissesMax);
    to_skip_ = (1u << misses_) - 1;
  }

 private:
  unsigned misses_ = 0;  // in a row
  unsigned to_skip_ = 0;
};

}  // namespace bearer::net
