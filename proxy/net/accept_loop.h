// Accepts clients from a listening socket, on one loop.
#pragma once

#include <functional>
#include <optional>

#include "base/clock.h"
#include "net/acceptor.h"
#include "net/loop.h"
#include "net/task.h"

namespace bearer::net {

/// Accepts clients for as long as it lives, a few at a time, so that those that are being served
/// have their turn. On its loop's thread.
class AcceptLoop {
 public:
  struct Hooks {
    std::function<void(int fd)> accept;  ///< a client's connection: non-blocking, the callee's
    std::function<bool()> full;          ///< true if there is no room; empty: there always is room
    /// A client waits, and there is no room or no descriptor for it. The callee may make room, and
    /// then wakes this loop. Called again while the client waits. Empty: the client just waits.
    std::function<void()> make_room = {};
    std::function<void(int error)> failed;  ///< nobody is accepted for a while: an errno
    std::function<void()> recovered = {};   ///< it has not failed for Recurrence::kCalm
  };
  /// Accepts at once the clients that wait there already. `listening_fd` is not owned; it and the
  /// objects that the hooks refer to outlive this one. Throws std::system_error if the loop cannot
  /// watch the socket.
  AcceptLoop(Loop& loop, int listening_fd, Hooks hooks);

  /// Call it when there is room again.
  void wake() { sleeper_.wake(); }
  /// Accepts now everyone who has connected by now, as far as there is room.
  void take_all();

 private:
  Task<void> accept();
  /// Reports a recovery once it is time. Returns when to look again.
  base::Instant look_for_recovery();
  bool full() const { return hooks_.full && hooks_.full(); }
  bool ask_for_room() const;

  const Hooks hooks_;
  Sleeper sleeper_;
  Acceptor acceptor_;
  std::optional<base::Instant> failed_at_;  ///< the last failure, until a recovery is reported
  Task<void> task_;                         ///< last: it refers to all of the above
};

}  // namespace bearer::net
