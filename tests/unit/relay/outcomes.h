// Outcomes of attempts, and what is decided about them, for the tests of retry_policy.h.
#pragma once

#include <doctest/doctest.h>

#include <chrono>

#include "relay/retry_policy.h"

namespace bearer::test {

inline constexpr base::Instant kNow{std::chrono::hours(1000)};

/// An attempt's end, and the situation of its request.
struct Ended : relay::Outcome, relay::Situation {
  Ended() {
    now = kNow;
    window_ends = kNow + std::chrono::seconds(120);
  }
};
inline Ended answered(int status) {
  Ended made;
  made.status = status;
  return made;
}
inline Ended failed(base::Errc fault) {
  Ended made;
  made.fault = fault;
  return made;
}
inline relay::Decision decide(const Ended& ended, const relay::RetryOptions& options,
                              double jitter) {
  return relay::decide(ended, ended, options, jitter);
}
inline relay::RetryOptions unsafe(relay::RetryUnsafe policy) {
  relay::RetryOptions options;
  options.unsafe = policy;
  return options;
}
inline base::Duration delay(const Ended& ended, double jitter = 0,
                            const relay::RetryOptions& options = {}) {
  const relay::Decision decision = decide(ended, options, jitter);
  REQUIRE(decision.action == relay::Action::back_off);
  CHECK(decision.because == relay::Reason::none);
  return decision.delay;
}
inline void check(const Ended& ended, relay::Action action, relay::Reason because,
                  const relay::RetryOptions& options = {}) {
  const relay::Decision decision = decide(ended, options, 0.5);
  CHECK(decision.action == action);
  CHECK(decision.because == because);
}

}  // namespace bearer::test
