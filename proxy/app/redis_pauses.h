// Keeps the pauses of a fleet in Redis.
#pragma once

#include <atomic>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "relay/fleet_pauses.h"
#include "token/store/redis_connection.h"
#include "token/store/store_key.h"
#include "token/store_options.h"

namespace bearer::app {

/// Under `bearer-proxy:{pause}:ID` there is a key for each paused route, which lives as long as the
/// pause. ID is derived from the route's name with the store's key. The server's own count says how
/// long a pause has left, so no two clocks are compared. Errors are Errc::store_unusable.
class RedisPauses final : public relay::PauseStore {
 public:
  /// `clock` must outlive it.
  RedisPauses(token::StoreOptions options, const base::Clock& clock)
      : options_(std::move(options)), loop_(clock) {}

  base::Result<std::vector<base::Duration>> merge(const std::vector<Pause>& here) override;
  void cancel() override;

 private:
  const token::StoreOptions options_;
  net::Loop loop_;
  net::Resolver resolver_;  // after the loop: its answers go there
  token::RedisConnection connection_{options_.redis, loop_, resolver_};
  std::optional<token::StoreKey> key_;
  std::atomic<bool> cancelled_ = false;
};

}  // namespace bearer::app
