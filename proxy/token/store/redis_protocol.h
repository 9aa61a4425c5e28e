// Writes commands and reads replies of Redis (RESP 2) as bytes. No sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace bearer::token {

struct RedisReply {
  enum class Kind { nothing, text, number, list, error };
  Kind kind = Kind::nothing;
  std::string text = {};  ///< of a text, a status (`OK`) or an error
  std::int64_t number = 0;
  std::vector<RedisReply> list = {};

  /// The number, read as milliseconds: not negative, at most ten years.
  base::Duration milliseconds() const;
};

/// A command and its arguments, of any bytes. The result holds the only copy of a password in it.
std::string redis_command(const std::vector<std::string_view>& words);

/// Reads replies however their bytes are split, in time that is linear in the bytes.
class RedisReplies {
 public:
  /// A larger reply belongs to nothing that we ask.
  static constexpr std::size_t kReplyBytesMax = 1u << 20;
  /// The most elements of one list: there is one with a number for each route.
  static constexpr std::size_t kListElementsMax = 1u << 16;
  /// The most levels of nested lists: a reply that is one, and its elements.
  static constexpr std::size_t kListLevelsMax = 4;

  /// Adds the next bytes. Errc::store_unusable if they are too many.
  base::Result<void> feed(std::string_view bytes);
  /// The next whole reply; nullopt if it has not come yet. Errc::store_unusable if the bytes are
  /// not Redis' protocol, or a list is larger or deeper than any that we ask for; no reply follows
  /// an error.
  base::Result<std::optional<RedisReply>> next();

 private:
  /// A reply, and how many of its elements have not come yet.
  struct Part {
    RedisReply reply;
    std::size_t missing = 0;
  };

  base::Result<std::optional<Part>> take_part();
  base::Result<std::optional<Part>> take_text(std::int64_t size, std::string_view after_line);

  std::string bytes_;
  std::size_t taken_ = 0;        ///< of `bytes_`
  std::size_t reply_bytes_ = 0;  ///< fed since the last whole reply
  std::vector<Part> open_;       ///< lists that lack elements, each within the one before
};

}  // namespace bearer::token
