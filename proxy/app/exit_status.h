// A command's exit status tells the script that ran it how it ended.
#pragma once

namespace bearer::app {

/// Exit statuses of every command.
enum ExitStatus : int {
  kFine = 0,
  kRuntimeFailure = 1,
  kUsageError = 2,  ///< also of the configuration
  kNoToken = 3,
  kUpstreamNotReached = 4,
};

}  // namespace bearer::app
