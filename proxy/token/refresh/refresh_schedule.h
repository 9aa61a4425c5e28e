// Decides when a credential's next fetch is due, and what a 401 does: a state machine without
// threads, clocks or random numbers of its own (deploy/docs/tokens.md).
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "base/errc.h"
#include "base/result.h"
#include "token/source.h"

namespace bearer::token {

inline constexpr base::Duration kTransientWaitMin = std::chrono::seconds(1);
inline constexpr base::Duration kTransientWaitMax = std::chrono::seconds(20);  ///< 30 with jitter
/// The longest wait that a server may ask for. A quota names its end, but not always in seconds: a
/// wrong clock, or milliseconds for seconds, must not put the credential out of use. After a fault,
/// a Retry-After is a guess, often that of a maintenance page.
inline constexpr base::Duration kQuotaWaitMax = std::chrono::hours(1);
inline constexpr base::Duration kFaultWaitMax = std::chrono::seconds(30);
inline constexpr base::Duration kRejectedWaitMin = std::chrono::seconds(5);
inline constexpr base::Duration kRejectedWaitMax = std::chrono::seconds(60);
inline constexpr base::Duration kHoldOffMin = std::chrono::seconds(1);
inline constexpr base::Duration kHoldOffMax = std::chrono::seconds(60);
/// A token with a very short life must not make the refresher spin.
inline constexpr base::Duration kFetchGapMin = std::chrono::milliseconds(200);

/// The least time between ordered fetches. An earlier order is answered by the last one's fetch.
inline constexpr base::Duration kOrderGapMin = std::chrono::seconds(3);

/// One thread at a time. `chance` is always uniform in [0, 1).
class RefreshSchedule {
 public:
  /// The first fetch is due at once.
  explicit RefreshSchedule(base::Duration margin) : margin_(margin) {}

  /// kNever during a fetch.
  base::Instant due() const { return fetching_ ? base::kNever : due_; }
  State::Health health() const { return health_; }
  bool may_pass() const { return may_pass_; }               ///< see State
  std::uint64_t generation() const { return generation_; }  ///< 0 before the first token
  /// The generation of the newest token that the upstream rejected; 0 if none was.
  std::uint64_t rejected_generation() const { return rejected_generation_; }
  /// True if a change of the fetcher's inputs is worth a try at once.
  bool watches_inputs() const { return !fetching_ && watches_inputs_; }

  /// Each fetch begins, then ends in one of two ways. `ends` is the end of the token, or of the
  /// refresh token that came with it, whichever is earlier.
  void begin() { fetching_ = true; }
  void fetched(base::Instant now, base::Instant sent, base::Instant ends, double chance);
  void failed(base::Instant now, const base::Error& failure, double chance);

  /// The consequence of a token's rejection.
  enum class AfterReject {
    newer_is_there,   ///< the 401 was for an older token
    fetch_begins,     ///< due() is now
    fetch_under_way,  ///< also if one is due soon, after a fault
    nothing_newer,    ///< held off, or the endpoint rejects the credential
  };
  /// The upstream rejected the token of `generation`.
  AfterReject reject(base::Instant now, std::uint64_t generation);

  /// The change that a replay's end has made, for the log.
  struct HoldOff {
    base::Duration began{};  ///< zero: no hold-off began
    bool ended = false;
  };
  /// The replay with that token has ended. Failures with one generation count once, however many
  /// requests saw them. Each failure doubles the last hold-off, unless that has been over for
  /// longer than it lasted. A token that comes by a later renewal is not held off: it has not
  /// failed yet. Nor is one with which another replay was accepted: it has died since.
  HoldOff replayed(base::Instant now, std::uint64_t generation, bool accepted);

  /// A person orders a fetch at once, whatever was planned, even against a server's Retry-After.
  /// Within kOrderGapMin of an order that counted, further ones do not: its fetch serves them, too.
  void refresh_now(base::Instant now);
  /// The fetcher's inputs have changed: a fetch is due at once, unless a Retry-After forbids it.
  /// REQUIRES: none is under way.
  void inputs_changed(base::Instant now);

 private:
  base::Duration next_wait(bool rejection, base::Duration least, double chance);

  const base::Duration margin_;
  base::Instant due_ = base::Instant::min();
  base::Instant not_before_ = base::Instant::min();  // by a Retry-After
  base::Instant next_order_ = base::Instant::min();
  State::Health health_ = State::Health::starting;
  bool may_pass_ = false;
  std::uint64_t generation_ = 0;
  std::uint64_t rejected_generation_ = 0;
  bool fetching_ = false;
  bool ordered_ = false;  // during a fetch, whose inputs may be old
  bool watches_inputs_ = false;

  base::Duration wait_{};  // the last wait, without jitter; zero after a success
  bool wait_is_for_rejection_ = false;

  std::uint64_t held_generation_ = 0;      // this and older ones are held off
  std::uint64_t accepted_generation_ = 0;  // the newest with which a replay was accepted
  base::Duration hold_off_{};
  base::Instant hold_off_ends_ = base::Instant::min();
};

}  // namespace bearer::token
