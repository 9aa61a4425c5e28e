// The program: from argv to an exit status.
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

/// Does what the arguments say, and answers with the process's exit status. Errors go to stderr.
int run(int argc, char** argv);

}  // namespace bearer::app
