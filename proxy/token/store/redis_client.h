// A client of a Redis server: a connection on a loop of the caller's, and commands from a thread
// that may wait. Verified like every other connection of ours, and bounded in each step.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
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

/// A connection, ended by destroying what awaits it. Errors are Errc::store_unusable, with a
/// sentence that names the server and what to look at; the connection is of no use after one. Used
/// on the loop's thread; all of these outlive it.
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
