#include "base/recurrence.h"

#include <utility>

namespace bearer::base {

std::optional<std::int64_t> Recurrence::come(Instant now) {
  const std::lock_guard lock(mutex_);
  ++untold_;
  came_ = now;
  if (lasts_ && now - told_ < kApart) return std::nullopt;
  lasts_ = true;
  told_ = now;
  return std::exchange(untold_, 0);
}

std::optional<std::int64_t> Recurrence::gone(Instant now) {
  const std::lock_guard lock(mutex_);
  if (!lasts_ || now - came_ < kCalm) return std::nullopt;
  lasts_ = false;
  return std::exchange(untold_, 0);
}

}  // namespace bearer::base
