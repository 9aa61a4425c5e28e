#include "base/random.h"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <set>

using namespace bearer;

TEST_CASE("jitter is spread evenly over [0, 1)") {
  base::JitterRandom random(20'261'129);
  constexpr int kDraws = 100'000;
  std::array<int, 10> tenths{};
  double sum = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double drawn = random.unit();
    REQUIRE(drawn >= 0);
    REQUIRE(drawn < 1);
    ++tenths[static_cast<std::size_t>(drawn * 10)];
    sum += drawn;
  }
  CHECK(sum / kDraws == doctest::Approx(0.5).epsilon(0.01));
  for (const int count : tenths) CHECK(count == doctest::Approx(kDraws / 10).epsilon(0.05));
}

TEST_CASE("a seed gives its own numbers, the same ones each time") {
  std::set<double> seen;
  for (const unsigned seed : {0u, 1u, 2u, 1u << 31}) {
    base::JitterRandom one(seed), other(seed);
    for (int i = 0; i < 100; ++i) {
      const double drawn = one.unit();
      CHECK(drawn == other.unit());
      CHECK(seen.insert(drawn).second);
    }
  }
}

TEST_CASE("without a seed each has its own numbers, and costs two words") {
  base::JitterRandom one, other;
  CHECK(one.unit() != other.unit());
  CHECK(sizeof(base::JitterRandom) <= 2 * sizeof(void*));  // each credential has one
}
