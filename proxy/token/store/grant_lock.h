// Lets one process of a host at a time spend a refresh token: a server that rotates them takes a
// token that it sees twice for stolen, and ends the whole grant (RFC 9700 section 4.14.2).
#pragma once

#include <atomic>
#include <chrono>
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

/// A lock beside refresh_token_file, PATH.lock, which the kernel takes from a process that dies.
/// Used on its loop's thread, except for waits().
class GrantLock {
 public:
  /// `refresh_token_file` may be a symbolic link; the lock lies where it leads.
  explicit GrantLock(const std::string& refresh_token_file);

  /// Waits until no other process holds it. It succeeds too if the lock's file cannot be made: a
  /// new refresh token could not be saved beside it either, which is reported elsewhere.
  /// token_unreachable after kGrantPatience, because going on without the lock may end the grant.
  /// It has `turn` then, which is left while another process holds the lock.
  net::Task<base::Result<void>> acquire(net::Loop& loop, FetchTurn& turn);
  void release() { lock_.unlock(); }
  bool waits() const { return waits_; }

 private:
  const std::string path_;
  FileLock lock_;
  std::atomic<bool> waits_ = false;
};

}  // namespace bearer::token
