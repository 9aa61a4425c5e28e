// Runs the program of `exec`: it gets streams, signals and limits as we found them, and does not
// outlive us.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "app/process.h"

namespace bearer::app {

struct StartedChild {
  pid_t pid = -1;  ///< the caller waits for it; -1: it was not started
  int error = 0;   ///< the errno if it was not started
};

/// `argv[0]` is searched for in PATH. `environment` holds the whole environment as NAME=VALUE. The
/// child stays in our process group, so that a terminal's signals and job control reach it as they
/// would without us. It is killed when the calling thread ends, so call this on the main thread.
StartedChild start_child(std::vector<std::string> argv, std::vector<std::string> environment,
                         const InheritedState& found);

/// Makes processes that the programs that we started leave behind our own children.
void adopt_orphans();

/// Reaps the calling thread's children that have ended: orphans come to the main thread as they
/// come to process 1 (or a subreaper). Children that other threads wait for are left to them.
void reap_orphans();

/// Ends all our children, and the processes that they leave behind in turn: by SIGTERM, and by
/// SIGKILL 5 s later. False if some are still there. REQUIRES: called by the main thread, which
/// blocks SIGCHLD; no other thread waits for a child, or for that signal.
bool end_children();

}  // namespace bearer::app
