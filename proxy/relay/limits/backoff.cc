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

base::Duration jitter_of_backoff(base::Duration delay) {
  return delay / 2;
}

base::Duration jitter_of_asked(base::Duration delay) {
  return std::min<base::Duration>(delay / 10, std::chrono::seconds(5));
}

base::Duration with_jitter(base::Duration delay, base::Duration jitter_max, double jitter) {
  const auto extra = std::chrono::duration_cast<base::Duration>(jitter_max * jitter);
  return delay > base::Duration::max() - extra ? base::Duration::max() : delay + extra;
}

}  // namespace bearer::relay
