// Which routes of a fleet were told to wait, and for how long: known in Redis to all who share it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "token/store/redis_client.h"
#include "token/store/store_key.h"
#include "token/store_options.h"

namespace bearer::token {

/// Under `bearer-proxy:{pause}:ID` there is a key for each paused route, which lives as long as the
/// pause. ID is made of the route's name by the store's key. What is left of a pause is said by the
/// server's own count, so no two clocks are compared. Called by one thread, but cancel().
class RedisPauses {
 public:
  struct Pause {
    std::string route;    ///< a name that the whole fleet uses
    base::Duration left;  ///< zero where there is none
  };

  /// `clock` must outlive it.
  RedisPauses(StoreOptions options, const base::Clock& clock)
      : options_(std::move(options)), connection_(options_.redis, clock) {}

  /// Tells what is known here, hears what is known there: each route's longer one of the two.
  /// Errc::store_unusable.
  base::Result<std::vector<base::Duration>> exchange(const std::vector<Pause>& here);

  /// Ends the call under way soon, and lets every later one fail at once. Any thread.
  void cancel() { connection_.cancel(); }

 private:
  const StoreOptions options_;
  RedisConnection connection_;
  std::optional<StoreKey> key_;
};

}  // namespace bearer::token
