#include "app/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <set>

#include "base/descriptor.h"

namespace bearer::app {
namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::seconds kLastPatience{1};  // another user's process cannot be killed

/// Pointers as exec takes them. Valid as long as `texts`.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> array;
  for (std::string& text : texts) array.push_back(text.data());
  array.push_back(nullptr);
  return array;
}

/// Another thread may have held any lock at the fork, so only system calls are allowed here.
[[noreturn]] void become(char* const* argv, char* const* environment, const InheritedState& found,
                         pid_t parent, int report) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(EXIT_FAILURE);  // the parent ended before it could be watched
  found.restore();
  execvpe(argv[0], argv, environment);
  const int error = errno;
  [[maybe_unused]] const ssize_t told = write(report, &error, sizeof error);
  _exit(EXIT_FAILURE);
}

/// Returns 0 once the child runs its program, because the pipe then closed empty; else an errno.
int read_error(int report) {
  int error = 0;
  ssize_t size;
  do {
    size = read(report, &error, sizeof error);
  } while (size < 0 && errno == EINTR);
  return size == sizeof error ? error : 0;
}

/// The children of the main thread, which forks, and to which orphans come.
std::vector<pid_t> children() {
  std::vector<pid_t> found;
  std::ifstream list("/proc/thread-self/children");
  for (pid_t pid = 0; list >> pid;) found.push_back(pid);
  return found;
}

/// True once there are no more children.
bool reap() {
  pid_t pid;
  while ((pid = waitpid(-1, nullptr, WNOHANG)) > 0) {
  }
  return pid < 0;
}

/// Sends `number` to each child once, also to those that come to us meanwhile. True once there are
/// no more.
bool end_children_with(int number, std::chrono::milliseconds patience) {
  sigset_t ended;
  sigemptyset(&ended);
  sigaddset(&ended, SIGCHLD);
  std::set<pid_t> told;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!reap()) {
    for (const pid_t pid : children()) {
      if (told.insert(pid).second) kill(pid, number);
    }
    const auto left = std::chrono::nanoseconds(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    const timespec wait{left / 1'000'000'000, left % 1'000'000'000};
    sigtimedwait(&ended, nullptr, &wait);
  }
  return true;
}

}  // namespace

StartedChild start_child(std::vector<std::string> argv, std::vector<std::string> environment,
                         const InheritedState& found) {
  const std::vector<char*> arguments = pointers(argv);
  const std::vector<char*> variables = pointers(environment);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {-1, errno};
  const base::Descriptor report(ends[0]);
  base::Descriptor its_report(ends[1]);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  const int fork_error = errno;
  if (pid == 0) become(arguments.data(), variables.data(), found, parent, its_report.get());
  its_report.reset();
  const int error = pid < 0 ? fork_error : read_error(report.get());
  if (error == 0) return {pid, 0};
  if (pid > 0) waitpid(pid, nullptr, 0);
  return {-1, error};
}

void adopt_orphans() {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void reap_orphans() {
  while (waitpid(-1, nullptr, WNOHANG | __WNOTHREAD) > 0) {
  }
}

bool end_children() {
  return end_children_with(SIGTERM, kPatience) || end_children_with(SIGKILL, kLastPatience);
}

}  // namespace bearer::app
