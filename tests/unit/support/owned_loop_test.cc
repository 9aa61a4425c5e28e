#include "tests/support/owned_loop.h"

#include <doctest/doctest.h>

using namespace bearer;
using test::OwnedLoop;

namespace {

net::Task<int> at_once() {
  co_return 1;
}

/// Needs a turn of the loop more for each time.
net::Task<int> sleep_often(OwnedLoop& owned, net::Sleeper& sleeper, int times) {
  for (int i = 0; i < times; ++i) {
    owned.loop().post([&sleeper] { sleeper.wake(); });
    co_await owned.wait(sleeper).next();
  }
  co_return times;
}

}  // namespace

TEST_CASE("a task that ended at once does not cut the next one short") {
  OwnedLoop owned;
  net::Sleeper sleeper(owned.loop());
  CHECK(owned.run(at_once()) == 1);
  CHECK(owned.run(sleep_often(owned, sleeper, 5)) == 5);
}
