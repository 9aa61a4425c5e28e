// Keeps the pauses of a fleet in Redis.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "relay/fleet_pauses.h"
#include "token/store/redis_connection.h"
#include "token/store/store_key.h"
#include "token/store_options.h"

namespace bearer::app {

/// Under `bearer-proxy:{pause}:ID` there is a key for each paused route, which lives as long as the
/// pause. ID is derived from the route's name with the store's key. The server's own count says how
/// long a pause has left, so no two clocks are compared. Errors are Errc::store_unusable.
class RedisPauses final : public relay::PauseExchange {
 public:
  /// `clock` must outlive it.
  RedisPauses(token::StoreOptions options, const base::Clock& clock)
      : options_(std::move(options)), connection_(options_.redis, clock) {}

  base::Result<std::vector<base::Duration>> exchange(const std::vector<Pause>& here) override;
  void cancel() override { connection_.cancel(); }

 private:
  const token::StoreOptions options_;
  token::RedisConnection connection_;
  std::optional<token::StoreKey> key_;
};

}  // namespace bearer::app
