// How long nothing has moved.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace bearer::relay {

/// Watches a body, or a tunnel, that is on its way. A value.
struct IdleTimer {
  base::Instant since;
  std::uint64_t progress = 0;  ///< that was made by then

  /// So much has moved by now.
  void note(std::uint64_t moved, base::Instant now) {
    if (progress != moved) since = now;
    progress = moved;
  }
  /// When it will have lasted too long; never, where `timeout` is zero.
  base::Instant deadline(base::Duration timeout) const {
    return timeout == base::Duration{} ? base::kNever : base::after(since, timeout);
  }
  /// To be asked after note(): what has come by now is no longer silence.
  bool late(base::Duration timeout, base::Instant now) const { return now >= deadline(timeout); }
};

}  // namespace bearer::relay
