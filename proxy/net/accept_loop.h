// A listening socket, as one loop takes clients from it.
#pragma once

#include <functional>
#include <optional>

#include "base/clock.h"
#include "net/acceptor.h"
#include "net/loop.h"
#include "net/task.h"

namespace bearer::net {

/// Takes clients for as long as it lives, a few at a time, so that those who are being served have
/// their turn. On its loop's thread.
class AcceptLoop {
 public:
  struct Hooks {
    std::function<void(int fd)> accept;  ///< a client's connection: non-blocking, the callee's
    std::function<bool()> full;          ///< there is room for nobody; empty: there always is
    /// Somebody waits, and there is no room for him, or no descriptor: the callee may see to it
    /// that there will be, and wakes this loop then. Called again while he waits. Empty: he waits.
    std::function<void()> make_room = {};
    std::function<void(int error)> failed;  ///< nobody can be taken for a while, by that errno
    std::function<void()> recovered = {};   ///< that has not happened for Recurrence::kCalm
  };
  /// Takes in at once who waits there already. `listening_fd` is not owned; it and what the hooks
  /// refer to outlive this object. Throws std::system_error if the loop cannot watch the socket.
  AcceptLoop(Loop& loop, int listening_fd, Hooks hooks);

  /// There is room again.
  void wake() { sleeper_.wake(); }
  /// Takes in now, as far as there is room, everyone who has connected by now.
  void take_all();

 private:
  Task<void> accept();
  /// Tells of a recovery once it is time, and when that will be.
  base::Instant look_for_recovery();
  bool full() const { return hooks_.full && hooks_.full(); }
  bool ask_for_room() const;

  const Hooks hooks_;
  Sleeper sleeper_;
  Acceptor acceptor_;
  std::optional<base::Instant> failed_at_;  ///< last, until a recovery is told of
  Task<void> task_;                         ///< last: it refers to all of the above
};

}  // namespace bearer::net
