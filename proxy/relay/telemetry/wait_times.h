// The time that a request waited for each thing.
#pragma once

#include <array>
#include <cstddef>
#include <numeric>
#include <string_view>

#include "base/clock.h"

namespace bearer::relay {

enum class WaitFor {
  pause,    ///< of its route
  token,    ///< a first or a renewed one
  backoff,  ///< between two attempts
  pacing,   ///< for its turn, if requests are spaced
  queue,    ///< for a place among the requests in flight
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

/// A wait that goes on.
struct WaitUnderWay {
  WaitFor reason;
  base::Instant since;
  base::Instant until;  ///< its end; if that is unknown, when the request gives up
  bool end_known;

  bool operator==(const WaitUnderWay&) const = default;
};

}  // namespace bearer::relay
