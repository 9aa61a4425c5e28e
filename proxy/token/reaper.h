// Reaps programs that were killed and take their time to go.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <vector>

#include "base/clock.h"
#include "net/loop.h"
#include "net/task.h"

namespace bearer::token {

/// A killed program may be another user's, or hang in the kernel. It stays our child, and becomes a
/// zombie, until it is reaped, which nobody may wait for: neither the other tokens, nor the end of
/// its own credential. Used on its loop's thread, or while nobody turns the loop.
class Reaper {
 public:
  static constexpr base::Duration kLook = std::chrono::seconds(1);  ///< between two looks

  /// `loop` outlives it.
  explicit Reaper(net::Loop& loop) : sleeper_(loop), reaping_(reap()) { reaping_.start(); }
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  net::Loop& loop() const { return sleeper_.loop(); }
  /// Reaps the child now if it has gone, else once it has.
  void take(pid_t child);

 private:
  net::Task<void> reap();

  std::vector<pid_t> leaving_;
  net::Sleeper sleeper_;
  net::Task<void> reaping_;  ///< last: it refers to the above
};

}  // namespace bearer::token
