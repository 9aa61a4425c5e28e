// The exit statuses by which a command tells a script how it ended.
#pragma once

namespace bearer::app {

/// Exit statuses of every command.
enum ExitStatus : int {
  kFine = 0,
  kRuntimeFailure = 1,
  kUsageError = 2,  ///< also for the configuration
  kNoToken = 3,
  kUpstreamNotReached = 4,
};

}  // namespace bearer::app
