// A connection to a Redis server, on a loop of the caller's: verified like every other one of ours,
// bounded in each step, ended by destroying what awaits it.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

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

/// Errors are Errc::store_unusable, with a sentence that names the server and what to look at; the
/// connection is of no use after one. Used on the loop's thread; all of these outlive it.
class RedisLink {
 public:
  RedisLink(net::Loop& loop, net::Resolver& resolver, const RedisOptions& options)
      : loop_(loop), resolver_(resolver), options_(options) {}

  /// Connected, authenticated, and at the database. `sleeper` waits for this and all that follows;
  /// it outlives the link, or is let go of by close().
  net::Task<base::Result<void>> open(net::Sleeper& sleeper);
  /// Sends a command. An error of the server's is an Error.
  net::Task<base::Result<RedisReply>> ask(net::Sleeper& sleeper, base::Secret command);
  /// What the server sends next; nullopt at `deadline`.
  net::Task<base::Result<std::optional<RedisReply>>> receive(net::Sleeper& sleeper,
                                                             base::Instant deadline);

  /// True if it is fit to carry another command, as far as the kernel knows.
  bool usable() { return stream_ && stream_->quiet(/*ask=*/true); }
  /// Whom the connection's events wake from now on, or nobody.
  void set_waiter(net::Sleeper* sleeper);
  void close() { stream_.reset(); }

 private:
  net::Task<base::Result<void>> dial(net::Sleeper& sleeper);
  net::Task<base::Result<void>> send(net::Sleeper& sleeper, std::string_view bytes);
  base::Error fault(std::string_view what_it_did) const;

  net::Loop& loop_;
  net::Resolver& resolver_;
  const RedisOptions& options_;
  std::unique_ptr<net::Stream> stream_;
  std::unique_ptr<RedisReplies> replies_;
};

}  // namespace bearer::token
