#include "token/store/redis_client.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/printable.h"
#include "net/dialer.h"
#include "net/write_all.h"
#include "token/dial_failure.h"

namespace bearer::token {
namespace {

constexpr std::size_t kErrorCharsMax = 200;

DialedServer described(const RedisOptions& options) {
  return {.url = {.tls = options.tls, .host = options.host, .port = options.port, .path = {}},
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

net::Task<base::Result<void>> RedisLink::open(net::Sleeper& sleeper) {
  close();
  replies_ = std::make_unique<RedisReplies>();
  const base::Result<void> dialed = co_await dial(sleeper);
  if (!dialed) co_return dialed.error();
  if (!options_.password.empty()) {
    const base::Result<RedisReply> known = co_await ask(sleeper, auth_command(options_));
    if (!known) co_return known.error();
  }
  if (options_.database != 0) {
    const std::string number = std::to_string(options_.database);
    base::Secret command(redis_command({"SELECT", number}));
    const base::Result<RedisReply> selected = co_await ask(sleeper, std::move(command));
    if (!selected) co_return selected.error();
  }
  co_return {};
}

net::Task<base::Result<void>> RedisLink::dial(net::Sleeper& sleeper) {
  const DialedServer description = described(options_);
  const auto failure = [&](const base::Error& error) {
    base::Error why = dial_failure(description, error);
    why.code = base::Errc::store_unusable;
    return why;
  };
  std::unique_ptr<net::TlsContext> tls;
  if (options_.tls) {
    auto made = net::TlsContext::make({options_.ca_file, options_.host});
    if (!made) co_return failure(made.error());
    tls = std::move(*made);
  }
  net::TcpDialer dialer(loop_, resolver_, options_.host, options_.port, std::move(tls));
  const base::Instant deadline = base::after(loop_.clock().now(), kRedisConnectTimeout);
  const net::Wait wait{sleeper, deadline};
  auto dialed = co_await dialer.dial(wait);
  if (!dialed) co_return failure(dialed.error());
  stream_ = std::move(dialed->stream);
  co_return {};
}

net::Task<base::Result<RedisReply>> RedisLink::ask(net::Sleeper& sleeper, base::Secret command) {
  const base::Result<void> sent = co_await send(sleeper, command.reveal());
  if (!sent) co_return sent.error();
  const base::Instant deadline = base::after(loop_.clock().now(), kRedisAnswerTimeout);
  base::Result<std::optional<RedisReply>> reply = co_await receive(sleeper, deadline);
  if (!reply) co_return reply.error();
  if (!*reply) co_return fault("did not answer in time");
  if ((*reply)->kind == RedisReply::Kind::error) {
    std::string said = printable((*reply)->text, kErrorCharsMax);
    options_.password.redact(said);
    co_return fault("answered " + said);
  }
  co_return std::move(**reply);
}

net::Task<base::Result<void>> RedisLink::send(net::Sleeper& sleeper, std::string_view bytes) {
  const net::Wait wait{sleeper, base::after(loop_.clock().now(), kRedisAnswerTimeout)};
  const net::Written written = co_await net::write_all(*stream_, wait, bytes);
  switch (written) {
    case net::Written::whole: co_return {};
    case net::Written::late: co_return fault("did not take a command in time");
    case net::Written::broken:
    case net::Written::left: break;
  }
  co_return fault("closed the connection");
}

net::Task<base::Result<std::optional<RedisReply>>> RedisLink::receive(net::Sleeper& sleeper,
                                                                      base::Instant deadline) {
  const net::Wait wait{sleeper, deadline};
  std::array<char, 4096> buffer;
  for (;;) {
    base::Result<std::optional<RedisReply>> reply = replies_->next();
    if (!reply || *reply) co_return reply;
    const net::Io io = stream_->read(buffer);
    if (io.ok()) {
      const base::Result<void> fed = replies_->feed({buffer.data(), io.bytes});
      if (!fed) co_return fed.error();
    } else if (!io.blocked()) {
      co_return fault("closed the connection");
    } else if (co_await wait.next() == net::Wake::timed_out) {
      co_return std::optional<RedisReply>();
    }
  }
}

void RedisLink::set_waiter(net::Sleeper* sleeper) {
  if (stream_) stream_->set_waiter(sleeper);
}

base::Error RedisLink::fault(std::string_view what_it_did) const {
  const std::string where = described(options_).url.authority();
  return {base::Errc::store_unusable, "the Redis server " + where + " " + std::string(what_it_did),
          "check token_store"};
}

base::Result<RedisReply> RedisConnection::ask(const std::vector<std::string_view>& words) {
  const base::Error cancelled{base::Errc::store_unusable, "the command was cancelled"};
  if (cancelled_) return cancelled;
  base::Result<RedisReply> reply = cancelled;
  {
    net::Task<void> task = run(base::Secret(redis_command(words)), reply);
    task.start();
    loop_.run();
    if (!task.done()) link_.close();  // before its sleeper, which ends with the task
  }
  if (!reply) link_.close();
  return reply;
}

net::Task<void> RedisConnection::run(base::Secret command, base::Result<RedisReply>& reply) {
  net::Sleeper sleeper(loop_);
  reply = co_await exchange(sleeper, std::move(command));
  link_.set_waiter(nullptr);
  loop_.stop();
}

net::Task<base::Result<RedisReply>> RedisConnection::exchange(net::Sleeper& sleeper,
                                                              base::Secret command) {
  if (link_.usable()) {
    link_.set_waiter(&sleeper);
  } else {
    const base::Result<void> opened = co_await link_.open(sleeper);
    if (!opened) co_return opened.error();
  }
  co_return co_await link_.ask(sleeper, std::move(command));
}

void RedisConnection::cancel() {
  cancelled_ = true;
  loop_.stop();
}

}  // namespace bearer::token
