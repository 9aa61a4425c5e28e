// The deadlines of many sleepers, the nearest first. Setting a later deadline costs nothing: the
// entry stays in its place and is checked again at its old time. So a connection that moves its
// deadline at each request touches the heap about once a minute.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace bearer::net {

class TimerHeap {
 public:
  /// Lives in its owner, which removes it before it is destroyed.
  struct Entry {
    static constexpr std::uint32_t kNowhere = static_cast<std::uint32_t>(-1);
    base::Instant when = base::kNever;  ///< when it is checked; kNever while it is not in the heap
    std::uint32_t index = kNowhere;
  };

  /// Moves `entry` to `when`, earlier or later, or inserts it.
  void set(Entry& entry, base::Instant when);
  void remove(Entry& entry);

  base::Instant next() const { return heap_.empty() ? base::kNever : heap_.front()->when; }
  /// REQUIRES: next() != kNever.
  Entry& front() { return *heap_.front(); }
  std::size_t size() const { return heap_.size(); }

 private:
  void place(std::size_t index, Entry* entry);
  void sift_up(std::size_t index);
  void sift_down(std::size_t index);

  std::vector<Entry*> heap_;
};

}  // namespace bearer::net
