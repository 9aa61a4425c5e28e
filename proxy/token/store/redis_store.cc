#include "token/store/redis_store.h"

#include <chrono>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/random.h"

namespace bearer::token {
namespace {

using std::chrono::milliseconds;

/// Reads both at one moment: a value that was replaced in between would get the other's lifetime.
constexpr std::string_view kReadScript =
    "return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}";
/// A server that lost its memory gives the hold back, unless another process has it by now.
constexpr std::string_view kRenewScript =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) "
    "end if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end return 0";
/// A slow holder, whose hold has ended, must not end the hold of its successor.
constexpr std::string_view kReleaseScript =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end "
    "return 0";

std::string milliseconds_text(base::Duration duration) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(duration).count());
}

}  // namespace

RedisStore::RedisStore(StoreOptions options, std::string name, std::string identity,
                       net::Loop& loop, net::Resolver& resolver)
    : options_(std::move(options)),
      name_(std::move(name)),
      identity_(std::move(identity)),
      connection_(options_.redis, loop, resolver),
      renewing_(options_.redis, loop, resolver) {}

net::Task<base::Result<std::optional<Kept>>> RedisStore::read(StoreItem item) {
  const base::Result<void> ready = have_key();
  if (!ready) co_return ready.error();
  net::Task<base::Result<RedisReply>> asked =
      connection_.ask({"EVAL", kReadScript, "1", key_of(name(item))});
  const base::Result<RedisReply> reply = co_await std::move(asked);
  if (!reply) co_return reply.error();
  if (reply->list.size() != 2 || reply->list[0].kind != RedisReply::Kind::text ||
      reply->list[1].number <= 0) {
    co_return std::optional<Kept>();
  }
  std::optional<base::Secret> text = key_->open(reply->list[0].text, purpose_of(name(item)));
  if (!text) {
    if (!std::exchange(complained_, true)) {
      base::log(base::LogLevel::warning,
                "a value in Redis cannot be decrypted and counts as absent: something else has "
                "written it",
                {{"credential", std::string_view(name_)}, {"item", name(item)}});
    }
    co_return std::optional<Kept>();
  }
  complained_ = false;
  co_return std::optional(Kept{std::move(*text), reply->list[1].milliseconds()});
}

net::Task<base::Result<void>> RedisStore::write(StoreItem item, const base::Secret& text,
                                                base::Duration life) {
  const base::Result<void> ready = have_key();
  if (!ready) co_return ready.error();
  if (life < milliseconds(1)) co_return {};
  net::Task<base::Result<RedisReply>> asked =
      connection_.ask({"SET", key_of(name(item)), key_->seal(text, purpose_of(name(item))), "PX",
                       milliseconds_text(life)});
  const base::Result<RedisReply> reply = co_await std::move(asked);
  if (!reply) co_return reply.error();
  co_return {};
}

net::Task<base::Result<bool>> RedisStore::try_hold() {
  const base::Result<void> ready = have_key();
  if (!ready) co_return ready.error();
  holder_ = base::random_id();
  net::Task<base::Result<RedisReply>> asked =
      connection_.ask({"SET", key_of("hold"), holder_, "NX", "PX", milliseconds_text(kHoldMax)});
  const base::Result<RedisReply> reply = co_await std::move(asked);
  if (!reply) co_return reply.error();
  if (reply->kind == RedisReply::Kind::nothing) co_return false;
  if (reply->kind == RedisReply::Kind::text) co_return true;
  co_return base::Error{base::Errc::store_unusable, "the server answers SET as Redis does not"};
}

net::Task<base::Result<void>> RedisStore::renew_hold() {
  const std::string key = key_of("hold"), life = milliseconds_text(kHoldMax);
  const std::vector<std::string_view> command = {"EVAL", kRenewScript, "1", key, holder_, life};
  const base::Result<RedisReply> reply = co_await renewing_.ask(command);
  if (!reply) co_return reply.error();
  if (reply->number == 1) co_return {};
  co_return base::Error{base::Errc::store_unusable,
                        "another process has taken the hold of this one, which was too slow"};
}

net::Task<void> RedisStore::release() {
  if (holder_.empty()) co_return;
  const std::string key = key_of("hold");
  const std::vector<std::string_view> command = {"EVAL", kReleaseScript, "1", key, holder_};
  // If this fails, the key goes away by itself.
  static_cast<void>(co_await connection_.ask(command));
}

base::Result<void> RedisStore::have_key() {
  if (key_) return {};
  base::Result<StoreKey> key = StoreKey::read(options_.key_file);
  if (!key) return key.error();
  key_ = std::move(*key);
  return {};
}

std::string RedisStore::key_of(std::string_view item) const {
  return "bearer-proxy:" + name_ + ":" + key_->name_for(identity_) + ":" + std::string(item);
}

std::string RedisStore::purpose_of(std::string_view item) const {
  return identity_ + " " + std::string(item);
}

}  // namespace bearer::token
