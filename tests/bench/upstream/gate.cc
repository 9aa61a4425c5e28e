#include "bench/upstream/gate.h"

namespace bearer::bench {

std::optional<std::chrono::seconds> Gate::judge(std::uint64_t id, Instant arrived, Instant now) {
  if (const auto told = not_before_.find(id); told != not_before_.end() && arrived < told->second) {
    ++early_;
  }
  if (!opens_) opens_ = now + closed_for_;
  if (now >= *opens_) {
    ++passed_;
    return std::nullopt;
  }
  ++refused_;
  const auto retry_after = std::chrono::ceil<std::chrono::seconds>(*opens_ - now);
  not_before_[id] = now + retry_after;
  return retry_after;
}

}  // namespace bearer::bench
