// The limits with which this process was started, for the programs that it starts in turn.
#pragma once

#include <sys/resource.h>

namespace bearer::base {

struct InheritedLimits {
  /// The first call notes the limits, so it comes before any is changed. Any thread.
  static const InheritedLimits& of_start();

  /// Restores them. Async-signal-safe, for the time between fork and exec.
  void restore() const;

  rlimit core, descriptors;
};

}  // namespace bearer::base
