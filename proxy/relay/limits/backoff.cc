#include "relay/limits/backoff.h"

#include <algorithm>

namespace bearer::relay {

base::Duration backoff_delay(int retry, base::Duration base, base::Duration most) {
  base::Duration delay = std::min(base, most);
  for (int i = 0; i < retry && delay < most; ++i) {
    delay = delay > most / 2 ? most : delay * 2;
  }
  return delay;
}

base::Duration with_jitter(base::Duration delay, double jitter) {
  const auto extra = std::chrono::duration_cast<base::Duration>(delay * (jitter / 2));
  return delay > base::Duration::max() - extra ? base::Duration::max() : delay + extra;
}

}  // namespace bearer::relay
