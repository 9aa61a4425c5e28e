// What a signal to end means: the first begins the drain, a later one cuts it short.
#pragma once

#include <optional>

#include "base/clock.h"

namespace bearer::app {

/// Used by one thread.
class ShutdownSequence {
 public:
  enum class Step {
    drain,
    cut,
    nothing,  ///< the same request to end, said twice
  };
  /// Another SIGTERM or SIGINT has come, at `now`.
  Step next(base::Instant now);

 private:
  std::optional<base::Instant> began_;
};

}  // namespace bearer::app
