// Time on two clocks that are never mixed up. They are passed in, so that a test controls time.
#pragma once

#include <chrono>

namespace bearer::base {

using Duration = std::chrono::nanoseconds;

/// The clock of waits and of token expiry: CLOCK_BOOTTIME, which advances while a laptop sleeps.
struct BootTime {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<BootTime>;
  static constexpr bool is_steady = true;
};
using Instant = BootTime::time_point;

/// Wall-clock time, only for printing and for comparing with a date that another program wrote.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

/// Later than every deadline: "no limit".
inline constexpr Instant kNever = Instant::max();

/// `start + wait`, or kNever if that would overflow. `wait` may be any Duration.
constexpr Instant after(Instant start, Duration wait) {
  return wait >= kNever - start ? kNever : start + wait;
}

/// Any thread may read it.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  virtual WallTime wall() const = 0;
};

/// The machine's clocks. Lives as long as the process.
const Clock& system_clock();

}  // namespace bearer::base
