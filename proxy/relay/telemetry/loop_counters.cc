#include "relay/telemetry/loop_counters.h"

#include <algorithm>

namespace bearer::relay {

void LoopCounters::replied(const LocalReply& reply) {
  const std::size_t known = known_.load(std::memory_order_relaxed);
  auto* const end = kinds_.begin() + known;
  auto* kind = std::find_if(kinds_.begin(), end, [&](const Kind& one) {
    return one.status == reply.status && one.error == reply.error;
  });
  if (kind == kinds_.end()) return;
  if (kind == end) {
    kind->error = reply.error;
    kind->status = reply.status;
    known_.store(known + 1, std::memory_order_release);
  }
  kind->count.add();
}

void LoopCounters::add_replies(RepliesByError& sums) const {
  const std::size_t known = known_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < known; ++i) {
    sums[{kinds_[i].error, kinds_[i].status}] += kinds_[i].count.value();
  }
}

}  // namespace bearer::relay
