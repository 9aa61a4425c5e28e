#include "relay/limits/backoff.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace bearer;
using namespace std::chrono_literals;
using relay::backoff_delay;
using relay::jitter_of_asked;
using relay::jitter_of_backoff;
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

TEST_CASE("jitter adds a part of what it may add") {
  CHECK(with_jitter(10s, 4s, 0) == 10s);
  CHECK(with_jitter(10s, 4s, 0.5) == 12s);
  CHECK(with_jitter(10s, 4s, 0.999) < 14s);
  CHECK(with_jitter(0s, 0s, 0.999) == 0s);
  CHECK(with_jitter(base::Duration::max(), 4s, 0.999) == base::Duration::max());  // no overflow
}

TEST_CASE(
    "a backoff gets up to half of itself, a time that was asked for a tenth and 5 s at most") {
  CHECK(jitter_of_backoff(10s) == 5s);
  CHECK(jitter_of_backoff(0s) == 0s);
  CHECK(jitter_of_asked(10s) == 1s);
  CHECK(jitter_of_asked(50s) == 5s);
  CHECK(jitter_of_asked(1h) == 5s);
}
