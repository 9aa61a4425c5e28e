#include "app/inherited_state.h"

#include <pthread.h>

namespace bearer::app {

InheritedState InheritedState::note() {
  InheritedState found{};
  pthread_sigmask(SIG_BLOCK, nullptr, &found.mask);
  sigaction(SIGPIPE, nullptr, &found.on_pipe);
  sigaction(SIGCHLD, nullptr, &found.on_child);
  sigaction(SIGXFSZ, nullptr, &found.on_file_size);
  getrlimit(RLIMIT_CORE, &found.core);
  getrlimit(RLIMIT_NOFILE, &found.descriptors);
  return found;
}

void InheritedState::restore() const {
  sigaction(SIGPIPE, &on_pipe, nullptr);
  sigaction(SIGCHLD, &on_child, nullptr);
  sigaction(SIGXFSZ, &on_file_size, nullptr);
  setrlimit(RLIMIT_CORE, &core);
  setrlimit(RLIMIT_NOFILE, &descriptors);
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);  // last: what waits is delivered now
}

}  // namespace bearer::app
