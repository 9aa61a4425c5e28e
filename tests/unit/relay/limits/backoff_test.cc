#include "relay/limits/backoff.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace bearer;
using namespace std::chrono_literals;
using relay::backoff_delay;
using relay::with_jitter;

TEST_CASE("the delay doubles from base up to its cap") {
  struct Case {
    int retry;
    base::Duration base, most, delay;
  };
  const Case cases[] = {
      {0, 1s, 30s, 1s},
      {1, 1s, 30s, 2s},
      {4, 1s, 30s, 16s},
      {5, 1s, 30s, 30s},
      {1000, 1s, 30s, 30s},
      {0, 60s, 30s, 30s},  // a base over the cap
      {3, 0s, 30s, 0s},    // no wait at all
      {3, 500ms, 4s, 4s},  // exactly the cap
      {2, 7ms, 1h, 28ms},
      {1'000'000, 1ns, base::Duration::max(), base::Duration::max()},  // without overflow
  };
  for (const Case& c : cases) {
    CAPTURE(c.retry);
    CHECK(backoff_delay(c.retry, c.base, c.most) == c.delay);
  }
}

TEST_CASE("jitter adds between nothing and half of the delay") {
  CHECK(with_jitter(10s, 0) == 10s);
  CHECK(with_jitter(10s, 0.5) == 12500ms);
  CHECK(with_jitter(10s, 0.999) < 15s);
  CHECK(with_jitter(10s, 0.999) > 14900ms);
  CHECK(with_jitter(0s, 0.999) == 0s);
  CHECK(with_jitter(base::Duration::max(), 0.999) == base::Duration::max());  // without overflow
}
