#include "relay/limits/kind_pause.h"

namespace bearer::relay {

bool KindPause::begin(RequestKind kind, base::Instant now, base::Duration delay) {
  const bool another = any(now) && !holds(kind);
  if (another && !others_served_.load(kRelaxed)) return false;
  if (another) pause_.end(pause_.ends());  // which may end later than the new one
  if (!any(now)) others_served_.store(false, kRelaxed);
  kind_.store(kind, kRelaxed);
  pause_.begin(now, delay);
  return true;
}

void KindPause::served(RequestKind kind) {
  if (holds(kind)) {
    pause_.end(pause_.ends());
  } else {
    others_served_.store(true, kRelaxed);
  }
}

void KindPause::take_over(const KindPause& other) {
  kind_.store(other.kind_.load(kRelaxed), kRelaxed);
  others_served_.store(other.others_served_.load(kRelaxed), kRelaxed);
  pause_.take_over(other.pause_);
}

}  // namespace bearer::relay
