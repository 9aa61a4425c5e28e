// Decides when the next request may go so that it does not meet the 429 of one quota of the
// upstream's.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "http/quota.h"

namespace bearer::relay {

/// The counts at the moment when a request went. Kept until its answer has come.
struct SendStamp {
  std::uint64_t number = 0;     ///< from 1; 0: it went before anything was counted
  std::uint64_t completed = 0;  ///< answers that had come by then
};

/// The upstream's quota, as answers report it. It may be used as fast as requests come: a burst
/// within it is never slowed, and a request that finds nothing left waits for the reset. Only if
/// that wait would be longer than anybody waits (`patience`), the last tenth is spread evenly over
/// the remaining time, so that requests go slowly instead of failing; a slot that nobody took is
/// not lost. Once a window should be over, requests go at its mean rate until an answer reports the
/// next one; if it reports none, the quota is forgotten.
///
/// The number of requests left is known only when nothing is in flight. It is taken to be the least
/// that an answer proves when a window is first seen. Each request that goes reduces it by one.
/// Further answers correct it only as far as they prove it wrong, which shows that others use the
/// quota too.
///
/// Knows no time but its arguments. Not thread-safe.
class QuotaPace {
 public:
  /// `patience`: the longest that a request waits.
  explicit QuotaPace(base::Duration patience = std::chrono::minutes(5)) : patience_(patience) {}

  /// When the next request may go; in the past: now. If it goes, the caller calls sent() at once.
  base::Instant next(base::Instant now);
  /// When the request behind `ahead` others may go, by what is known now.
  base::Instant estimate(base::Instant now, std::uint64_t ahead);
  /// A request goes now, in its turn or not.
  SendStamp sent(base::Instant now);
  /// The answer to that request has come, or will not come. Call learn() for the answer first.
  void completed(const SendStamp& stamp);
  /// `again`: nothing is left, and the answer says that the request may come again after that.
  void learn(const SendStamp& stamp, const http::Quota& quota, base::Instant now,
             std::optional<base::Duration> again = {});
  /// An answer names no quota.
  void learn_of_none(const SendStamp& stamp);

 private:
  bool scarce(base::Instant now) const;
  base::Instant slot(std::uint64_t ahead) const;
  void turn_over(base::Instant now);
  std::uint64_t least_left(const SendStamp& stamp, const http::Quota& quota) const;

  base::Duration patience_;
  std::uint64_t sent_ = 0, completed_ = 0;

  std::uint64_t limit_ = 0;  // of a window; 0: no quota is known
  std::uint64_t left_ = 0;
  bool proved_ = false;         // an answer has named the present window's quota
  std::uint64_t first_ = 0;     // its answer may name it: earlier ones may be of the last
  base::Instant began_, ends_;  // ends_ is late rather than early
  base::Duration length_{};     // the rest of the window when it was first seen
  base::Instant last_slot_;     // the rest of the quota is spread from here to ends_
};

}  // namespace bearer::relay
