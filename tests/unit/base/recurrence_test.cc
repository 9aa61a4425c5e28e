#include "base/recurrence.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace bearer::base;
using namespace std::chrono_literals;

namespace {

constexpr Instant at(Duration time) {
  return Instant(1000s) + time;
}

}  // namespace

TEST_CASE("what comes again and again is told at once, then with its number, once a minute") {
  Recurrence trouble;
  CHECK(trouble.come(at(0s)) == 1);
  for (int i = 1; i < 600; ++i) CHECK_FALSE(trouble.come(at(i * 100ms)));
  CHECK(trouble.come(at(60s)) == 600);
  CHECK_FALSE(trouble.come(at(60s)));
}

TEST_CASE("its end is told once, when it has not come for ten seconds") {
  Recurrence trouble;
  CHECK_FALSE(trouble.gone(at(0s)));
  trouble.come(at(0s));
  trouble.come(at(1s));
  CHECK_FALSE(trouble.gone(at(10s)));
  CHECK(trouble.gone(at(11s)) == 1);
  CHECK_FALSE(trouble.gone(at(12s)));
  CHECK(trouble.come(at(13s)) == 1);
}
