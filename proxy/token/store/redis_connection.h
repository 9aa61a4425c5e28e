// Sends commands to a Redis server from a thread that may wait. The server is verified like every
// other, and each step is bounded.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "net/task.h"
#include "net/wait.h"
#include "token/store/redis_protocol.h"
#include "token/store_options.h"

namespace bearer::token {

inline constexpr base::Duration kRedisConnectTimeout = std::chrono::seconds(2);
inline constexpr base::Duration kRedisAnswerTimeout = std::chrono::seconds(1);

/// Used by one thread, except for cancel(). The connection is made when it is needed, kept, and
/// replaced if it is found dead before a command.
class RedisConnection {
 public:
  /// The arguments outlive this object.
  RedisConnection(const RedisOptions& options, const base::Clock& clock)
      : options_(options), loop_(clock) {}

  /// Each step is bounded by kRedisConnectTimeout and kRedisAnswerTimeout. An error of the server's
  /// is an Error. Errors are Errc::store_unusable, with a sentence that names the server and what
  /// to look at.
  base::Result<RedisReply> ask(const std::vector<std::string_view>& words);

  /// Ends the current command soon, and makes every later one fail at once. Any thread.
  void cancel();

 private:
  net::Task<base::Result<RedisReply>> exchange(base::Secret command);
  /// Connects, authenticates and selects the database.
  net::Task<base::Result<void>> open();
  net::Task<base::Result<void>> dial();
  net::Task<base::Result<RedisReply>> send(base::Secret command);
  net::Task<base::Result<RedisReply>> receive(const net::Wait& wait);
  base::Error fault(std::string_view what_it_did) const;

  const RedisOptions& options_;
  net::Loop loop_;
  net::Resolver resolver_;  // after the loop, to which its answers go
  net::Sleeper sleeper_{loop_};
  std::unique_ptr<net::Stream> stream_;  // destroyed before its sleeper
  RedisReplies replies_;
  std::atomic<bool> cancelled_ = false;
};

}  // namespace bearer::token
