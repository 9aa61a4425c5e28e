#include "app/hardening.h"

#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

TEST_CASE("a hardened process leaves no core file and survives a broken pipe") {
  bearer::app::harden();
  rlimit core{1, 1};
  CHECK(getrlimit(RLIMIT_CORE, &core) == 0);
  CHECK(core.rlim_cur == 0);
  CHECK(core.rlim_max == 0);
  CHECK(prctl(PR_GET_DUMPABLE) == 0);

  int ends[2];
  REQUIRE(pipe(ends) == 0);
  close(ends[0]);
  CHECK(write(ends[1], "x", 1) == -1);
  CHECK(errno == EPIPE);
  close(ends[1]);
  prctl(PR_SET_DUMPABLE, 1);  // for whoever debugs the other tests
}
