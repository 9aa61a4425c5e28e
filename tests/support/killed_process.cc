#include "tests/support/killed_process.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace bearer::test {
namespace {

[[noreturn]] void be_traced(const std::function<void()>& work) {
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(2);
  ::raise(SIGSTOP);
  work();
  ::_exit(0);
}

/// Waits until the child stops; false if it has ended.
bool stopped(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid failed");
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
    throw std::runtime_error("the child cannot be traced, or failed");
  }
  return WIFSTOPPED(status);
}

}  // namespace

bool killed_at(int stop, const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) be_traced(work);
  bool alive = stopped(child);
  for (int i = 0; alive && i <= stop; ++i) {
    if (::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr) != 0) {
      throw std::runtime_error("PTRACE_SYSCALL failed");
    }
    alive = stopped(child);
  }
  if (!alive) return false;
  ::kill(child, SIGKILL);
  while (stopped(child)) {
  }
  return true;
}

}  // namespace bearer::test
