// How long a request waited, and what for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>

#include "base/clock.h"

namespace bearer::relay {

enum class WaitFor : std::uint8_t {
  pause,    ///< its route was told to wait
  token,    ///< a first or a renewed one
  backoff,  ///< between two attempts
  pacing,   ///< its turn, where requests are spaced
  queue,    ///< a place among the requests in flight
};
inline constexpr std::array<std::string_view, 5> kWaitNames = {"pause", "token", "backoff",
                                                               "pacing", "queue"};

constexpr std::string_view name(WaitFor reason) {
  return kWaitNames[static_cast<std::size_t>(reason)];
}

struct WaitTimes {
  std::array<base::Duration, kWaitNames.size()> by_reason{};

  base::Duration& operator[](WaitFor reason) { return by_reason[static_cast<std::size_t>(reason)]; }
  base::Duration operator[](WaitFor reason) const {
    return by_reason[static_cast<std::size_t>(reason)];
  }
  base::Duration total() const {
    return std::accumulate(by_reason.begin(), by_reason.end(), base::Duration{});
  }
};

/// A wait that is under way.
struct WaitUnderWay {
  base::Instant since;
  base::Instant until;  ///< its end; where that is not known, when the request waits no longer
  WaitFor reason;
  bool end_known;

  bool operator==(const WaitUnderWay&) const = default;
};

}  // namespace bearer::relay
