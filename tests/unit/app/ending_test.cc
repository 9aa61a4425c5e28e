#include "app/ending.h"

#include <doctest/doctest.h>

#include <chrono>

namespace app_ending_test {

using namespace bearer;
using namespace std::chrono_literals;
using Step = app::Ending::Step;

TEST_CASE("the first signal drains, and one that comes later cuts") {
  app::Ending ending;
  const base::Instant now{1h};
  CHECK(ending.next(now) == Step::drain);
  CHECK(ending.next(now + 100ms) == Step::cut);
  CHECK(ending.next(now + 200ms) == Step::cut);
}

TEST_CASE("a signal that comes twice at once is one") {
  app::Ending ending;
  const base::Instant now{1h};
  CHECK(ending.next(now) == Step::drain);
  CHECK(ending.next(now) == Step::nothing);
  CHECK(ending.next(now + 99ms) == Step::nothing);
  CHECK(ending.next(now + 101ms) == Step::cut);  // counted from the first
}

}  // namespace app_ending_test
