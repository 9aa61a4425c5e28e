#include "wire/h2/flood_guard.h"

#include <doctest/doctest.h>

using namespace bearer;
using namespace std::chrono_literals;
using wire::h2::Allowance;

namespace {

const base::Instant kStart = base::Instant{} + 100s;

int taken_at(Allowance& allowance, base::Instant now) {
  int taken = 0;
  while (allowance.take(now)) ++taken;
  return taken;
}

}  // namespace

TEST_CASE("an allowance is used up, and comes back with time, up to what it holds") {
  Allowance allowance{30, 2};
  CHECK(taken_at(allowance, kStart) == 30);
  CHECK(taken_at(allowance, kStart) == 0);
  CHECK(taken_at(allowance, kStart + 5s) == 10);
  CHECK(taken_at(allowance, kStart + 1h) == 30);
}

TEST_CASE("an allowance that is given back never holds more than at first") {
  Allowance allowance{3, 1};
  allowance.give(10);
  CHECK(taken_at(allowance, kStart) == 3);
  allowance.give(2);
  CHECK(taken_at(allowance, kStart) == 2);
}

TEST_CASE("frames that bring somebody further make up for as many that do not") {
  wire::h2::FloodGuard guard;
  for (int i = 0; i < 100'000; ++i) {
    guard.useful_frame();
    CHECK(guard.idle_frame(kStart));
  }
  int idle = 0;
  while (guard.idle_frame(kStart)) ++idle;
  CHECK(idle >= 1'000);
  CHECK(idle <= 10'000);
}
