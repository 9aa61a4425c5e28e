#include "app/redis_pauses.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "net/run.h"

namespace bearer::app {
namespace {

using std::chrono::milliseconds;

/// The last argument is kSame.
constexpr std::string_view kScript =
    "local left = {} "
    "for i, key in ipairs(KEYS) do "
    "  local here, there = tonumber(ARGV[i]), redis.call('PTTL', key) "
    "  if here > there + ARGV[#KEYS + 1] then redis.call('SET', key, '1', 'PX', here) there = here "
    "end "
    "  left[i] = there "
    "end "
    "return left";

/// A longer one would exceed Redis' arithmetic.
constexpr base::Duration kPauseMax = std::chrono::years(1);

std::string decimal(base::Duration left) {
  return std::to_string(std::chrono::floor<milliseconds>(std::min(left, kPauseMax)).count());
}

}  // namespace

base::Result<std::vector<base::Duration>> RedisPauses::merge(const std::vector<Pause>& here) {
  if (!key_) {
    base::Result<token::StoreKey> key = token::StoreKey::read(options_.key_file);
    if (!key) return key.error();
    key_ = std::move(*key);
  }
  std::vector<std::string> words = {"EVAL", std::string(kScript), std::to_string(here.size())};
  for (const Pause& pause : here) {
    words.push_back("bearer-proxy:{pause}:" + key_->name_for(pause.route));
  }
  for (const Pause& pause : here) words.push_back(decimal(pause.left));
  words.push_back(decimal(kSame));
  const base::Error cancelled{base::Errc::store_unusable, "the command was cancelled"};
  if (cancelled_) return cancelled;
  const auto reply = net::run<base::Result<token::RedisReply>>(
      loop_, connection_.ask({words.begin(), words.end()}), cancelled);
  if (!reply) return reply.error();
  std::vector<base::Duration> left;
  for (const token::RedisReply& number : reply->list) {
    left.push_back(number.milliseconds());
  }
  left.resize(here.size());
  return left;
}

// The loop remembers: a command that begins right after the question above ends in its first turn.
void RedisPauses::cancel() {
  cancelled_ = true;
  loop_.stop();
}

}  // namespace bearer::app
