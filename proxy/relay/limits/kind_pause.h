// The pause of one kind of requests: they were refused for longer than anybody waits, by a quota
// that others may not share.
#pragma once

#include <atomic>

#include "base/clock.h"
#include "relay/limits/pause.h"
#include "relay/limits/request_kind.h"

namespace bearer::relay {

/// Knows the kind that was refused last. Shared by the loops, without a lock.
class KindPause {
 public:
  /// A request of that kind was refused for `delay`. False if requests of another kind are refused
  /// for as long, and none has been served meanwhile: then the whole route has to pause.
  bool begin(RequestKind kind, base::Instant now, base::Duration delay);
  /// A request of that kind was served.
  void served(RequestKind kind);

  /// True if some kind pauses.
  bool any(base::Instant now) const { return pause_.ends() > now; }
  /// True if any() is about that kind.
  bool holds(RequestKind kind) const { return kind_.load(kRelaxed) == kind; }
  Pause& pause() { return pause_; }

  /// Continues the pause of another object. REQUIRES: nobody else has seen this one yet.
  void take_over(const KindPause& other);

 private:
  static constexpr auto kRelaxed = std::memory_order_relaxed;

  std::atomic<RequestKind> kind_{0};
  std::atomic<bool> others_served_{false};
  Pause pause_;
};

}  // namespace bearer::relay
