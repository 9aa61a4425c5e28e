// The process protects itself before it knows a secret, and remembers what it was started with and
// what its environment told it alone.
#pragma once

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <string>

namespace bearer::app {

/// Takes the variable out of the environment: what it says is not for a program that we start.
/// Empty where there is none. Called while there is no other thread.
inline std::string take_variable(const char* name) {
  const char* value = getenv(name);
  std::string text = value == nullptr ? "" : value;
  unsetenv(name);
  return text;
}

/// Opens what is closed of stdin, stdout and stderr, so that nothing comes from there and what is
/// written there fails: or the first sockets would take their numbers, and the log would be written
/// into somebody's connection.
void hold_standard_streams();

/// No core file, and no debugger of the same user: both would hold tokens. And SIGPIPE is ignored:
/// a peer that leaves is an error of one write, not the end of the process; likewise SIGXFSZ: a
/// file at its limit. SIGCHLD is as by default: ignored, no command would leave a status. A kernel
/// that refuses a step is said in the log, nothing more: the proxy works without it.
void harden();

struct InheritedState {
  /// As things are now: to be noted before anything is changed.
  static InheritedState note();

  /// Puts it back. Async-signal-safe: for the time between fork and exec.
  void restore() const;

  sigset_t mask;
  struct sigaction on_pipe, on_child, on_file_size;
  rlimit core, descriptors;
};

}  // namespace bearer::app
