// Commands to a Redis server from a thread that may wait.
#pragma once

#include <atomic>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/task.h"
#include "token/store/redis_link.h"
#include "token/store_options.h"

namespace bearer::token {

/// One thread, but cancel(). The connection is made when it is needed, kept, and made anew where it
/// is found dead before a command.
class RedisConnection {
 public:
  /// Both outlive this object.
  RedisConnection(const RedisOptions& options, const base::Clock& clock)
      : loop_(clock), link_(loop_, resolver_, options) {}

  /// Within kRedisConnectTimeout and kRedisAnswerTimeout for each step. Errors: RedisLink's.
  base::Result<RedisReply> ask(const std::vector<std::string_view>& words);

  /// Ends the command under way soon, and lets every later one fail at once. Any thread.
  void cancel();

 private:
  net::Task<void> run(base::Secret command, base::Result<RedisReply>& reply);
  net::Task<base::Result<RedisReply>> exchange(net::Sleeper& sleeper, base::Secret command);

  net::Loop loop_;
  net::Resolver resolver_;  // after the loop: its answers go there
  RedisLink link_;
  std::atomic<bool> cancelled_ = false;
};

}  // namespace bearer::token
