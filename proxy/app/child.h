// The program that `exec` runs: it finds streams, signals and limits as we found them, and does not
// outlive us.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "app/process.h"

namespace bearer::app {

struct StartedChild {
  pid_t pid = -1;  ///< the caller's to wait for; -1: it was not started
  int error = 0;   ///< then: an errno
};

/// `argv[0]` is looked for in PATH. `environment` holds NAME=VALUE, all of it. The child stays in
/// our process group, so that a terminal's signals and job control reach it as they would without
/// us. It is killed when the calling thread ends, so that one is to be the main thread.
StartedChild start_child(std::vector<std::string> argv, std::vector<std::string> environment,
                         const InheritedState& found);

/// Whatever the programs that we started have left running becomes a child of ours.
void adopt_orphans();

/// Reaps the children of the calling thread that have ended: orphans that came to the main thread
/// as process 1's (or a subreaper's) do. The children that other threads wait for are left to them.
void reap_orphans();

/// Ends every child of ours, and what they leave behind in turn: SIGTERM first, SIGKILL for what is
/// still there 5 s later. False if some are still there. REQUIRES: called by the main thread, which
/// blocks SIGCHLD; no other thread waits for a child, or for that signal.
bool end_children();

}  // namespace bearer::app
