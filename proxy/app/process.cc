#include "app/process.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

#include "base/log.h"

namespace bearer::app {

void hold_standard_streams() {
  int fd = 0;
  do {  // O_CLOEXEC: a program that we start finds closed what was closed
    fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd > STDERR_FILENO) close(fd);
}

void harden() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGCHLD, SIG_DFL);
  rlimit core{};
  getrlimit(RLIMIT_CORE, &core);
  core.rlim_cur = 0;  // exec could not give the hard limit back to its program
  if (setrlimit(RLIMIT_CORE, &core) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0) {
    base::log(base::LogLevel::warning, "a crash could leave a core file with secrets in it");
  }
}

InheritedState InheritedState::note() {
  InheritedState found{};
  pthread_sigmask(SIG_BLOCK, nullptr, &found.mask);
  sigaction(SIGPIPE, nullptr, &found.on_pipe);
  sigaction(SIGCHLD, nullptr, &found.on_child);
  sigaction(SIGXFSZ, nullptr, &found.on_file_size);
  found.limits = base::InheritedLimits::of_start();
  return found;
}

void InheritedState::restore() const {
  sigaction(SIGPIPE, &on_pipe, nullptr);
  sigaction(SIGCHLD, &on_child, nullptr);
  sigaction(SIGXFSZ, &on_file_size, nullptr);
  limits.restore();
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);  // last, because pending signals are delivered now
}

}  // namespace bearer::app
