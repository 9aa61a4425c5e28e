// What this process was started with, of all that it changes for itself: a program that it starts
// in a person's name is to find things as it would have without us.
#pragma once

#include <signal.h>
#include <sys/resource.h>

namespace bearer::app {

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
