#include "token/store/redis_connection.h"

#include <openssl/crypto.h>

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "http/url.h"
#include "net/dial_failure.h"
#include "net/write_all.h"
#include "wire/connect.h"

namespace bearer::token {
namespace {

constexpr std::size_t kErrorCharsMax = 200;

http::Url url_of(const RedisOptions& options) {
  return {.tls = options.tls, .host = options.host, .port = options.port, .path = {}};
}

net::DialedServer described(const RedisOptions& options) {
  return {.host = options.host,
          .authority = url_of(options).authority(),
          .what = "Redis server",
          .setting = "token_store",
          .private_ca = !options.ca_file.empty(),
          .shows_certificate = false,
          .by_egress_proxy = false,
          .connect_timeout = kRedisConnectTimeout};
}

base::Secret auth_command(const RedisOptions& options) {
  const std::string_view password = options.password.reveal();
  return base::Secret(options.user.empty() ? redis_command({"AUTH", password})
                                           : redis_command({"AUTH", options.user, password}));
}

}  // namespace

/// One command's time at the connection, whose stream wakes `sleeper` meanwhile. A command that
/// comes to no end closes the stream, because the rest of its answer would be taken for the next
/// one's.
class RedisConnection::Turn {
 public:
  Turn(RedisConnection& connection, net::Sleeper& sleeper) : connection_(connection) {
    if (connection_.stream_) connection_.stream_->set_waiter(&sleeper);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (!whole_) connection_.stream_.reset();
    if (connection_.stream_) connection_.stream_->set_waiter(nullptr);
  }

  void end() { whole_ = true; }

 private:
  RedisConnection& connection_;
  bool whole_ = false;
};

net::Task<base::Result<RedisReply>> RedisConnection::ask(
    const std::vector<std::string_view>& words) {
  return exchange(base::Secret(redis_command(words)));
}

net::Task<base::Result<RedisReply>> RedisConnection::exchange(base::Secret command) {
  net::Sleeper sleeper(loop_);
  Turn turn(*this, sleeper);
  base::Result<RedisReply> reply = co_await exchange(sleeper, std::move(command));
  if (reply) turn.end();
  co_return reply;
}

net::Task<base::Result<RedisReply>> RedisConnection::exchange(net::Sleeper& sleeper,
                                                              base::Secret command) {
  if (!stream_ || !stream_->quiet(/*ask=*/true)) {
    base::Result<void> opened = co_await open(sleeper);
    if (!opened) co_return opened.error();
  }
  co_return co_await send(sleeper, std::move(command));
}

net::Task<base::Result<void>> RedisConnection::open(net::Sleeper& sleeper) {
  stream_.reset();
  replies_ = {};
  const base::Result<void> dialed = co_await dial(sleeper);
  if (!dialed) co_return dialed.error();
  if (!options_.password.empty()) {
    const base::Result<RedisReply> known = co_await send(sleeper, auth_command(options_));
    if (!known) co_return known.error();
  }
  if (options_.database != 0) {
    const std::string number = std::to_string(options_.database);
    base::Secret command(redis_command({"SELECT", number}));
    const base::Result<RedisReply> selected = co_await send(sleeper, std::move(command));
    if (!selected) co_return selected.error();
  }
  co_return {};
}

net::Task<base::Result<void>> RedisConnection::dial(net::Sleeper& sleeper) {
  const net::DialedServer description = described(options_);
  const auto failure = [&](const base::Error& error) {
    base::Error why = net::dial_failure(description, error);
    why.code = base::Errc::store_unusable;
    return why;
  };
  const base::Instant deadline = base::after(loop_.clock().now(), kRedisConnectTimeout);
  const wire::Destination to{.url = url_of(options_), .ca_file = options_.ca_file};
  const net::Wait wait{sleeper, deadline};
  auto stream = co_await wire::connect(loop_, resolver_, to, wait);
  if (!stream) co_return failure(stream.error());
  stream_ = std::move(*stream);
  co_return {};
}

net::Task<base::Result<RedisReply>> RedisConnection::send(net::Sleeper& sleeper,
                                                          base::Secret command) {
  const net::Wait write{sleeper, base::after(loop_.clock().now(), kRedisAnswerTimeout)};
  const net::Written written = co_await net::write_all(*stream_, write, command.reveal());
  if (written == net::Written::late) co_return fault("did not take a command in time");
  if (written != net::Written::whole) co_return fault("closed the connection");
  const net::Wait answer{sleeper, base::after(loop_.clock().now(), kRedisAnswerTimeout)};
  base::Result<RedisReply> reply = co_await receive(answer);
  if (reply && reply->kind == RedisReply::Kind::error) {
    std::string said = reply->text;
    options_.password.redact(said);  // before it is cut: half a password is not recognised
    co_return fault("answered " + base::printable(said, kErrorCharsMax));
  }
  co_return reply;
}

net::Task<base::Result<RedisReply>> RedisConnection::receive(const net::Wait& wait) {
  std::array<char, 4096> buffer;
  bool late = false;
  for (;;) {
    base::Result<std::optional<RedisReply>> reply = replies_.next();
    if (!reply) co_return reply.error();
    if (*reply) co_return std::move(**reply);
    const net::Io io = stream_->read(buffer);
    if (io.ok()) {
      const base::Result<void> fed = replies_.feed({buffer.data(), io.bytes});
      OPENSSL_cleanse(buffer.data(), io.bytes);
      if (!fed) co_return fed.error();
    } else if (!io.blocked()) {
      co_return fault("closed the connection");
    } else if (late) {
      co_return fault("did not answer in time");
    } else {
      const net::Wake woke = co_await wait.next();
      late = woke == net::Wake::timed_out;  // but what has come meanwhile is read
    }
  }
}

base::Error RedisConnection::fault(std::string_view what_it_did) const {
  return {base::Errc::store_unusable,
          "the Redis server " + url_of(options_).authority() + " " + std::string(what_it_did),
          "check token_store"};
}

}  // namespace bearer::token
