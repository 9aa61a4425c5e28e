// Commands and replies of Redis (RESP 2) as bytes, by hiredis' codec. No sockets.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

struct redisReader;

namespace bearer::token {

struct RedisReply {
  enum class Kind { nothing, text, number, list, error };
  Kind kind = Kind::nothing;
  std::string text;  ///< of a text, a status (`OK`) and an error
  std::int64_t number = 0;
  std::vector<RedisReply> list;

  /// The number as one of milliseconds: not negative, at most ten years.
  base::Duration milliseconds() const;
};

/// A command and its arguments, of any bytes.
std::string redis_command(const std::vector<std::string_view>& words);

class RedisReplies {
 public:
  /// More is no reply to anything that we ask.
  static constexpr std::size_t kReplyBytesMax = 1u << 20;
  /// Of one list: there is one with a number for each route.
  static constexpr std::size_t kListElementsMax = 1u << 16;
  /// Lists within one another: a reply that is one, and its elements.
  static constexpr int kListLevelsMax = 4;

  RedisReplies();

  /// What came next. Errc::store_unusable if that is not Redis' protocol, or too much.
  base::Result<void> feed(std::string_view bytes);
  /// The next whole reply, nullopt where it has not come yet. Errors as feed().
  base::Result<std::optional<RedisReply>> next();

 private:
  std::unique_ptr<redisReader, void (*)(redisReader*)> reader_;
  std::size_t pending_bytes_ = 0;  ///< fed since the last whole reply
};

}  // namespace bearer::token
