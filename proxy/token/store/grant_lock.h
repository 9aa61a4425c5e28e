// Lets one process of a host at a time spend a refresh token: a server that rotates them takes a
// token that it sees twice for stolen, and ends the whole grant (RFC 9700 section 4.14.2).
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/loop.h"
#include "net/task.h"
#include "token/fetch_queue.h"
#include "token/store/file_lock.h"

namespace bearer::token {

/// Longer than a queue of some holders takes, each of which sends one token request.
inline constexpr base::Duration kGrantPatience = std::chrono::minutes(2);

/// A lock beside refresh_token_file, PATH.lock, and one of the file itself: containers that mount
/// one file each have a directory of their own. The kernel takes both from a process that dies.
/// Used on its loop's thread, except for waits().
class GrantLock {
 public:
  /// `refresh_token_file` may be a symbolic link; the lock lies where it leads.
  explicit GrantLock(const std::string& refresh_token_file);

  /// Waits until no other process holds one of them. One that nobody can lock, because it cannot be
  /// made or written, does not count: a new refresh token cannot be saved there either, which is
  /// reported elsewhere. Succeeds at once if it is held.
  /// token_unreachable after kGrantPatience, because going on without the lock may end the grant.
  /// It has `turn` then, which is left while another process holds the lock.
  net::Task<base::Result<void>> acquire(net::Loop& loop, FetchTurn& turn);
  void release();
  bool waits() const { return waits_; }

 private:
  bool try_lock();

  const std::string path_;  ///< of refresh_token_file, the links resolved
  FileLock beside_;
  /// It locks the file that has the name now, while it is held: a rename gives the name to another.
  std::optional<FileLock> own_;
  std::string busy_;  ///< the file that another process held at the last try
  std::atomic<bool> waits_ = false;
};

}  // namespace bearer::token
