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

std::optional<std::int64_t> Repetitions::come(const std::string& kind, Instant now) {
  const std::lock_guard lock(mutex_);
  // A stranger may be able to invent kinds, and must not make us remember all of them.
  if (kinds_.size() >= kKindsMax && !kinds_.contains(kind)) kinds_.clear();
  Kind& one = kinds_[kind];
  if (one.times > 0 && now - one.came >= kForgotten) one = {};
  one.came = now;
  ++one.times;
  if (one.times < one.next && now - one.told < kApartMax) return std::nullopt;
  while (one.next <= one.times) one.next *= 2;
  one.told = now;
  return one.times;
}

}  // namespace bearer::base
