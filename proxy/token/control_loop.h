// The event loop on which all credentials get their tokens, and the one thread that turns it.
//
// A fetch is a coroutine that waits here for a socket, a program, a pipe or a lock: so a thousand
// credentials need one thread, and an endpoint that says nothing holds up its own credential alone.
// Regular files are read and written in place, as they are short.
#pragma once

#include <thread>

#include "base/clock.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "token/fetch_queue.h"
#include "token/reaper.h"
#include "token/store/file_store_cache.h"

namespace bearer::token {

/// Outlives those who fetch on it.
class ControlLoop {
 public:
  /// Starts the thread. `clock` must outlive this object.
  explicit ControlLoop(const base::Clock& clock);
  /// Joins the thread.
  ~ControlLoop();
  ControlLoop(const ControlLoop&) = delete;
  ControlLoop& operator=(const ControlLoop&) = delete;

  net::Loop& loop() { return loop_; }
  net::Resolver& resolver() { return resolver_; }
  /// Used on the loop's thread.
  FetchQueue& queue() { return queue_; }
  Reaper& reaper() { return reaper_; }
  /// Used by the thread that makes the sources.
  FileStoreCaches& file_stores() { return file_stores_; }

 private:
  net::Loop loop_;
  net::Resolver resolver_;  // after the loop: its answers go there
  FetchQueue queue_;
  Reaper reaper_;
  FileStoreCaches file_stores_;
  std::thread thread_;  // last: it uses the above
};

}  // namespace bearer::token
