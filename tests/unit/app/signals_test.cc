#include "app/signals.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace bearer;
using namespace std::chrono_literals;
using Step = app::ShutdownSequence::Step;

TEST_CASE("the first signal drains, and one that comes later cuts") {
  app::ShutdownSequence shutdown;
  const base::Instant now{1h};
  CHECK(shutdown.next(now) == Step::drain);
  CHECK(shutdown.next(now + 100ms) == Step::cut);
  CHECK(shutdown.next(now + 200ms) == Step::cut);
}

TEST_CASE("a signal that comes twice at once is one") {
  app::ShutdownSequence shutdown;
  const base::Instant now{1h};
  CHECK(shutdown.next(now) == Step::drain);
  CHECK(shutdown.next(now) == Step::nothing);
  CHECK(shutdown.next(now + 99ms) == Step::nothing);
  CHECK(shutdown.next(now + 101ms) == Step::cut);  // counted from the first
}
