// The time that a request waited for each thing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>

#include "base/clock.h"

namespace bearer::relay {

enum class WaitFor : std::uint8_t {
  pause,    ///< of its route
  token,    ///< a first or a renewed one
  backoff,  ///< between two attempts
  pacing,   ///< for its turn, if requests are spaced
  queue,    ///< for a permit: the requests in flight are limited
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
  base::Instant since;
  base::Instant until;  ///< its end; if that is unknown, when the request gives up
  WaitFor reason;
  bool end_known;

  bool operator==(const WaitUnderWay&) const = default;
};

}  // namespace bearer::relay
