#include "token/store/redis_store.h"

#include <chrono>
#include <string_view>
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
/// A slow holder, whose hold has ended, must not end the hold of its successor.
constexpr std::string_view kReleaseScript =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end "
    "return 0";

/// Only the holder prolongs its hold. 0: it has none any more.
constexpr std::string_view kProlongScript =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) "
    "end return 0";

std::string milliseconds_text(base::Duration duration) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(duration).count());
}

}  // namespace

/// Our hold at the server. It is prolonged until this object goes, by a connection of its own: the
/// store's is for the fetch, which may keep a refresh token meanwhile.
class RedisStore::Hold {
 public:
  explicit Hold(const RedisStore& store)
      : key_(store.key_of("hold")),
        credential_(store.name_),
        loop_(store.loop_),
        connection_(store.options_.redis, store.loop_, store.resolver_) {}

  const std::string& key() const { return key_; }
  const std::string& holder() const { return holder_; }

  /// It is ours from now on.
  void begin() {
    prolonging_ = prolong();
    prolonging_.start();
  }

 private:
  net::Task<void> prolong() {
    net::Sleeper sleeper(loop_);
    for (;;) {
      const base::Instant next = loop_.clock().now() + kRedisHoldProlonged;
      while (loop_.clock().now() < next) co_await sleeper.sleep(next);
      net::Task<base::Result<RedisReply>> asked = connection_.ask(
          {"EVAL", kProlongScript, "1", key_, holder_, milliseconds_text(kRedisHold)});
      const base::Result<RedisReply> reply = co_await std::move(asked);
      if (!reply || reply->number == 1) continue;  // a failure may pass before the hold ends
      base::log(base::LogLevel::warning,
                "the hold at Redis ended while a token was asked for: another process may ask for "
                "one, too",
                {{"credential", std::string_view(credential_)}});
      co_return;
    }
  }

  const std::string key_;
  const std::string holder_ = base::random_id();  ///< our name in the key
  const std::string& credential_;
  net::Loop& loop_;
  RedisConnection connection_;
  net::Task<void> prolonging_;
};

RedisStore::RedisStore(StoreOptions options, std::string name, std::string identity,
                       net::Loop& loop, net::Resolver& resolver)
    : options_(std::move(options)),
      name_(std::move(name)),
      identity_(std::move(identity)),
      loop_(loop),
      resolver_(resolver),
      connection_(options_.redis, loop, resolver) {}

RedisStore::~RedisStore() = default;

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
  hold_ = std::make_unique<Hold>(*this);
  net::Task<base::Result<RedisReply>> asked = connection_.ask(
      {"SET", hold_->key(), hold_->holder(), "NX", "PX", milliseconds_text(kRedisHold)});
  const base::Result<RedisReply> reply = co_await std::move(asked);
  if (!reply) co_return reply.error();
  if (reply->kind == RedisReply::Kind::nothing) co_return false;
  if (reply->kind == RedisReply::Kind::text) {
    hold_->begin();
    co_return true;
  }
  co_return base::Error{base::Errc::store_unusable, "the server answers SET as Redis does not"};
}

net::Task<void> RedisStore::release() {
  const std::unique_ptr<Hold> hold = std::move(hold_);
  if (!hold) co_return;
  const std::vector<std::string_view> command = {"EVAL", kReleaseScript, "1", hold->key(),
                                                 hold->holder()};
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
