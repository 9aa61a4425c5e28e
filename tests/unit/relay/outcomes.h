// Outcomes of attempts, and what is decided about them, for the tests of retry_policy.h.
#pragma once

#include <doctest/doctest.h>

#include <chrono>

#include "relay/retry_policy.h"

namespace bearer::test {

inline constexpr base::Instant kNow{std::chrono::hours(1000)};

inline relay::Outcome outcome() {
  relay::Outcome made;
  made.now = kNow;
  made.window_ends = kNow + std::chrono::seconds(120);
  return made;
}
inline relay::Outcome answered(int status) {
  relay::Outcome made = outcome();
  made.status = status;
  return made;
}
inline relay::Outcome failed(base::Errc fault) {
  relay::Outcome made = outcome();
  made.fault = fault;
  return made;
}
inline relay::RetryOptions unsafe(relay::RetryUnsafe policy) {
  relay::RetryOptions options;
  options.unsafe = policy;
  return options;
}
inline base::Duration delay(const relay::Outcome& outcome, double jitter = 0,
                            const relay::RetryOptions& options = {}) {
  const relay::Decision decision = relay::decide(outcome, options, jitter);
  REQUIRE(decision.action == relay::Action::back_off);
  CHECK(decision.because == relay::Reason::none);
  return decision.delay;
}
inline void check(const relay::Outcome& outcome, relay::Action action, relay::Reason because,
                  const relay::RetryOptions& options = {}) {
  const relay::Decision decision = relay::decide(outcome, options, 0.5);
  CHECK(decision.action == action);
  CHECK(decision.because == because);
}

}  // namespace bearer::test
