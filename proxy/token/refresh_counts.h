// What became of a credential's token requests, counted since its keeper was made.
#pragma once

#include <cstdint>
#include <map>
#include <numeric>

#include "base/clock.h"
#include "base/errc.h"

namespace bearer::token {

struct RefreshCounts {
  std::uint64_t fetched = 0;
  std::uint64_t shared = 0;  ///< another process fetched it, and it was taken from the store
  std::map<base::Errc, std::uint64_t> failed = {};  ///< by why
  std::uint64_t forced = 0;                         ///< by a 401 of the upstream
  base::Duration lifetime{};                        ///< of the last token, when it came

  std::uint64_t failures() const {
    return std::accumulate(failed.begin(), failed.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto& one) { return sum + one.second; });
  }
};

}  // namespace bearer::token
