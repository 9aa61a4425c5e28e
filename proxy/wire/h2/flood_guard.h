// Limits what a peer may ask of a connection to no purpose: frames that cost us work and advance
// nobody (CVE-2019-9511 to 9518), and requests that are cancelled at once (CVE-2023-44487).
#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.h"

namespace bearer::wire::h2 {

/// Holds up to `most`, and regains `per_second`.
class Allowance {
 public:
  constexpr Allowance(double most, double per_second)
      : most_(most), per_second_(per_second), left_(most) {}

  /// False if nothing is left.
  bool take(base::Instant now) {
    const std::chrono::duration<double> since = now - taken_;
    if (taken_ != base::Instant{}) give(since.count() * per_second_);
    taken_ = now;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }
  void give(double more) { left_ = std::min(most_, left_ + more); }

 private:
  double most_, per_second_, left_;
  base::Instant taken_{};
};

class FloodGuard {
 public:
  /// A PING, SETTINGS, PRIORITY, DATA without data, or a frame of an unknown type came. False if
  /// there were too many.
  bool idle_frame(base::Instant now) { return idle_frames_.take(now); }
  /// A frame that advances a request or a body. Some clients send a PING with each one to measure
  /// how fast the connection is.
  void useful_frame() { idle_frames_.give(1); }
  /// A stream was cancelled right after it was begun. False if there were too many.
  bool rapid_reset(base::Instant now) { return rapid_resets_.take(now); }
  /// A stream was refused, because there is no place. False if its client takes no notice.
  bool refusal(base::Instant now) { return refusals_.take(now); }

 private:
  Allowance idle_frames_{2000, 500};
  Allowance rapid_resets_{200, 20};
  // A client whose streams were all refused once may send them all again, at once.
  Allowance refusals_{2000, 100};
};

/// A stream that lived for longer than this before its reset was no rapid one: a deadline passed,
/// or a person changed their mind.
inline constexpr base::Duration kRapid = std::chrono::seconds(1);

}  // namespace bearer::wire::h2
