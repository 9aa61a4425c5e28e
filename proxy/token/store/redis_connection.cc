#include "token/store/redis_connection.h"

#include <utility>

namespace bearer::token {

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
