// Sends commands to a Redis server. The server is verified like every other one of ours, and each
// step is bounded.
#pragma once

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

/// Used on its loop's thread, one command at a time. The connection is made when it is needed,
/// kept, and replaced if it is found dead before a command.
class RedisConnection {
 public:
  /// The arguments outlive this object.
  RedisConnection(const RedisOptions& options, net::Loop& loop, net::Resolver& resolver)
      : options_(options), loop_(loop), resolver_(resolver) {}

  /// Sends a command and returns its reply. Each step ends within kRedisConnectTimeout or
  /// kRedisAnswerTimeout. An error of the server's is an Error, too. Errors are
  /// Errc::store_unusable, with a sentence that names the server and what to look at. The words are
  /// copied at once. Destroying the task ends the command, and the connection with it.
  net::Task<base::Result<RedisReply>> ask(const std::vector<std::string_view>& words);

 private:
  class Turn;

  net::Task<base::Result<RedisReply>> exchange(base::Secret command);
  net::Task<base::Result<RedisReply>> exchange(net::Sleeper& sleeper, base::Secret command);
  /// Connects, authenticates and selects the database.
  net::Task<base::Result<void>> open(net::Sleeper& sleeper);
  net::Task<base::Result<void>> dial(net::Sleeper& sleeper);
  net::Task<base::Result<RedisReply>> send(net::Sleeper& sleeper, base::Secret command);
  net::Task<base::Result<RedisReply>> receive(const net::Wait& wait);
  base::Error fault(std::string_view what_it_did) const;

  const RedisOptions& options_;
  net::Loop& loop_;
  net::Resolver& resolver_;
  std::unique_ptr<net::Stream> stream_;
  RedisReplies replies_;
};

}  // namespace bearer::token
