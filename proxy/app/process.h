// Protects the process before it knows a secret, and keeps the state that it was started with, and
// the variables that are for it alone.
#pragma once

#include <signal.h>
#include <stdlib.h>

#include <string>

#include "base/inherited_limits.h"

namespace bearer::app {

/// Removes the variable from the environment, because it is not for a program that we start, and
/// returns it. Empty if there is none. Called while there is no other thread.
inline std::string take_variable(const char* name) {
  const char* value = getenv(name);
  std::string text = value == nullptr ? "" : value;
  unsetenv(name);
  return text;
}

/// Opens those of stdin, stdout and stderr that are closed, so that nothing can be read from or
/// written to them. Otherwise the first sockets would get their numbers, and the log would be
/// written into somebody's connection.
void hold_standard_streams();

/// Forbids core files and debuggers of the same user, because both would hold tokens. Ignores
/// SIGPIPE, so that a peer that leaves is an error of one write and not the end of the process, and
/// SIGXFSZ (a file at its limit) likewise. Sets SIGCHLD to its default, because if it were ignored
/// no command would have a status. If the kernel refuses a step, that is only logged: the proxy
/// works without it.
void harden();

struct InheritedState {
  /// Notes the current state. Call it before anything is changed.
  static InheritedState note();

  /// Restores that state. Async-signal-safe, for the time between fork and exec.
  void restore() const;

  sigset_t mask;
  struct sigaction on_pipe, on_child, on_file_size;
  base::InheritedLimits limits;
};

}  // namespace bearer::app
