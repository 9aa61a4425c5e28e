#include "relay/retry_policy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include "tests/unit/relay/outcomes.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;
using relay::Action;
using relay::Reason, relay::RetryOptions;
using namespace bearer::test;

TEST_CASE("without a hint the n-th retry waits base * 2^n, capped, and jitter on top") {
  RetryOptions options;
  options.max_retries = 99;
  const base::Duration expected[] = {1s, 2s, 4s, 8s, 16s, 30s, 30s};
  for (int retry = 0; retry < 7; ++retry) {
    Ended status = answered(503);
    status.retries = retry;
    CHECK(delay(status, 0, options) == expected[retry]);
    CHECK(delay(status, 0.5, options) == expected[retry] + expected[retry] / 4);
  }
}

TEST_CASE("Retry-After is honoured: never earlier, with jitter on top, and not capped") {
  Ended limited = answered(429);
  for (const base::Duration asked : {1s, 45s, 100s}) {
    limited.retry_after = asked;
    CHECK(delay(limited, 0) == asked);
    CHECK(delay(limited, 0.5) == asked + std::min<base::Duration>(asked / 20, 2500ms));
    limited.retries = 2;
  }
  limited.window_ends = kNow + 1h;
  limited.retry_after = 10min;
  CHECK(delay(limited, 0.5) == 10min + 2500ms);
}

TEST_CASE("a time to wait that is too short each time gives way to a backoff, within the window") {
  Ended limited = answered(503);
  limited.retry_after = 1500ms;
  const base::Duration expected[] = {1500ms, 1500ms, 1500ms, 2s, 4s, 8s, 16s, 30s, 30s, 30s};
  for (const base::Duration wait : expected) {
    CHECK(delay(limited) == wait);
    ++limited.retries;
  }
  limited.retries = 8;
  limited.window_ends = kNow + 5s;
  CHECK(delay(limited) == 5s);
  limited.window_ends = kNow + 1s;
  check(limited, Action::relay, Reason::window_used_up);
}

TEST_CASE("a Retry-After of 0, or one that is over already, leaves the backoff as it is") {
  Ended limited = answered(429);
  for (const base::Duration asked : {0s, -5s}) {
    limited.retry_after = asked;
    limited.retries = 0;
    CHECK(delay(limited, 0) == 1s);
    limited.retries = 2;
    CHECK(delay(limited, 0) == 4s);
  }
}

TEST_CASE("a wait that would end past the window is not begun") {
  Ended limited = answered(429);
  limited.window_ends = kNow + 10s;
  limited.retry_after = 10s;
  CHECK(delay(limited) == 10s);
  *limited.retry_after += 1ns;
  check(limited, Action::relay, Reason::window_used_up);

  Ended fault = failed(Errc::connect_refused);
  fault.window_ends = kNow + 1s - 1ns;
  check(fault, Action::give_up, Reason::window_used_up);
  fault.window_ends = kNow + 1s;
  CHECK(delay(fault) == 1s);
  fault.window_ends = kNow - 1s;
  check(fault, Action::give_up, Reason::window_used_up);
}

TEST_CASE("jitter alone does not make a wait too long: it is cut at the window's end") {
  Ended limited = answered(429);
  limited.window_ends = kNow + 10500ms;
  limited.retry_after = 10s;
  CHECK(delay(limited, 0.9) == 10500ms);
  CHECK(delay(limited, 0.2) == 10200ms);
}
