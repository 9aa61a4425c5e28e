#include "app/process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

TEST_CASE("a hardened process leaves no core file and survives a broken pipe") {
  bearer::app::harden();
  rlimit core{1, 1};
  CHECK(getrlimit(RLIMIT_CORE, &core) == 0);
  CHECK(core.rlim_cur == 0);
  CHECK(prctl(PR_GET_DUMPABLE) == 0);

  int ends[2];
  REQUIRE(pipe(ends) == 0);
  close(ends[0]);
  CHECK(write(ends[1], "x", 1) == -1);
  CHECK(errno == EPIPE);
  close(ends[1]);
  prctl(PR_SET_DUMPABLE, 1);  // for whoever debugs the other tests
}

TEST_CASE("a file at its limit is an error of one write, and a child leaves its status") {
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGCHLD, SIG_IGN);
    bearer::app::harden();
    const rlimit nothing{0, RLIM_INFINITY};
    const int fd = memfd_create("limited", MFD_CLOEXEC);
    const bool limited = setrlimit(RLIMIT_FSIZE, &nothing) == 0 && write(fd, "x", 1) == -1;
    const bool told = limited && errno == EFBIG;
    const pid_t grandchild = fork();
    if (grandchild == 0) _exit(7);
    int status = 0;
    const bool known = waitpid(grandchild, &status, 0) == grandchild && WEXITSTATUS(status) == 7;
    _exit((told ? 0 : 1) | (known ? 0 : 2));
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

namespace {

bool leads_nowhere(int fd) {
  struct stat here {};
  struct stat nowhere {};
  return fstat(fd, &here) == 0 && stat("/dev/null", &nowhere) == 0 &&
         here.st_rdev == nowhere.st_rdev;
}

/// In a process of its own, for this one needs its streams: what held after those of `closed` were
/// closed and held open again.
bool held_open(std::initializer_list<int> closed) {
  const pid_t child = fork();
  if (child == 0) {
    for (const int fd : closed) close(fd);
    bearer::app::hold_standard_streams();
    bool held = true;
    for (const int fd : closed) held = held && leads_nowhere(fd);
    const int next = open("/dev/null", O_RDONLY);
    _exit(held && next > STDERR_FILENO ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status == 0;
}

}  // namespace

TEST_CASE("a standard stream that is closed leads nowhere, and its number is given to nobody") {
  CHECK(held_open({STDIN_FILENO}));
  CHECK(held_open({STDOUT_FILENO}));
  CHECK(held_open({STDERR_FILENO}));
  CHECK(held_open({STDIN_FILENO, STDERR_FILENO}));
  CHECK(held_open({STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}));
}

TEST_CASE("a variable that is taken is there once") {
  setenv("BEARER_TEST_VARIABLE", "value", 1);
  CHECK(bearer::app::take_variable("BEARER_TEST_VARIABLE") == "value");
  CHECK(getenv("BEARER_TEST_VARIABLE") == nullptr);
  CHECK(bearer::app::take_variable("BEARER_TEST_VARIABLE") == "");
}
