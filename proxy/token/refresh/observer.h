// The interface by which a credential's events reach the log and the counters.
#pragma once

#include <cstdint>
#include <map>
#include <numeric>

#include "base/clock.h"
#include "base/errc.h"
#include "base/result.h"
#include "token/fetcher.h"

namespace bearer::token {

/// Counts since the refresher was made.
struct RefreshCounts {
  std::uint64_t fetched = 0;
  std::uint64_t shared = 0;  ///< another process fetched it, and this one took it from the store
  std::map<base::Errc, std::uint64_t> failed = {};  ///< by the reason
  std::uint64_t forced = 0;                         ///< by a 401 of the upstream
  base::Duration lifetime{};                        ///< of the last token, when it came

  std::uint64_t failures() const {
    return std::accumulate(failed.begin(), failed.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto& one) { return sum + one.second; });
  }
};

/// The refresher's thread calls fetched() and failed(), any thread the others. Must not block.
class Observer {
 public:
  virtual ~Observer() = default;

  /// `expires_in` and `renews_in` count from now.
  virtual void fetched(const Fetched& token, std::uint64_t generation, base::Duration expires_in,
                       base::Duration renews_in) = 0;
  virtual void failed(const base::Error& failure, base::Duration next_try_in) = 0;
  /// A 401 to the token of `generation` forces a fetch.
  virtual void forced(std::uint64_t generation) = 0;
  /// The replay with a new token got a 401 too: nothing is forced for `hold_off`.
  virtual void held_off(std::uint64_t generation, base::Duration hold_off) = 0;
  virtual void hold_off_ended() = 0;
};

}  // namespace bearer::token
