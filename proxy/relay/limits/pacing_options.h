// The settings of pacing, which the Pacer obeys.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace bearer::relay {

/// The most requests in any such period.
struct Rate {
  std::uint64_t requests = 0;  ///< 0: no limit
  base::Duration period{};

  bool operator==(const Rate&) const = default;
};

struct PacingOptions {
  bool on = true;
  Rate ceiling;  ///< never exceeded

  bool operator==(const PacingOptions&) const = default;
};

}  // namespace bearer::relay
