// Decides when the next request may go so that the configured ceiling (--rate) is kept.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "relay/limits/pacing_options.h"

namespace bearer::relay {

/// `count` of `parts` equal parts of `whole`, without overflow for any number of clients.
inline base::Duration share(base::Duration whole, std::uint64_t count, std::uint64_t parts) {
  const double part = static_cast<double>(count) / static_cast<double>(parts);
  return std::chrono::duration_cast<base::Duration>(whole * part);
}

/// Requests go evenly, never more of them in any period than the ceiling allows. Knows no
/// time but its arguments. Not thread-safe.
class CeilingPace {
 public:
  explicit CeilingPace(const Rate& rate);

  /// When the next request may go. A time in the past means now.
  base::Instant next() const { return next_; }
  /// The same for the request behind `ahead` others.
  base::Instant estimate(std::uint64_t ahead) const;
  void sent(base::Instant now);

 private:
  base::Duration spacing_{};
  base::Instant next_;
};

}  // namespace bearer::relay
