#include "token/readable.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/descriptor.h"
#include "tests/support/finished.h"
#include "tests/support/owned_loop.h"

using namespace bearer;

namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    out.reset(ends[0]);
    in.reset(ends[1]);
  }
  base::Descriptor out, in;
};

net::Task<void> count_wakes(net::Sleeper& sleeper, int& wakes) {
  for (;;) {
    co_await sleeper.sleep(base::kNever);
    ++wakes;
  }
}

}  // namespace

TEST_CASE("what comes out of a pipe wakes its readers once each, and so does its end") {
  test::OwnedLoop time;
  Pipe pipe;
  net::Sleeper first(time.loop()), second(time.loop());
  const token::Readable one(first, pipe.out.get()), other(second, pipe.out.get());
  CHECK(one.watching());
  CHECK(other.watching());
  int wakes_first = 0, wakes_second = 0;
  net::Task<void> a = count_wakes(first, wakes_first), b = count_wakes(second, wakes_second);
  a.start();
  b.start();
  time.turn();
  CHECK(wakes_first == 0);
  REQUIRE(::write(pipe.in.get(), "x", 1) == 1);
  time.turn();
  time.turn();
  CHECK(wakes_first == 1);
  CHECK(wakes_second == 1);
  pipe.in.reset();
  time.turn();
  CHECK(wakes_first == 2);
}

TEST_CASE("what cannot be watched is said to") {
  test::OwnedLoop time;
  net::Sleeper sleeper(time.loop());
  const token::Readable none(sleeper, -1);
  CHECK_FALSE(none.watching());
  CHECK(errno == EBADF);
}
