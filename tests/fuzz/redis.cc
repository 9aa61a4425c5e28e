// A Redis server's replies are the same however the bytes are cut.
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"
#include "token/store/redis_protocol.h"

namespace bearer::fuzz {
namespace {

using token::RedisReplies;
using token::RedisReply;

std::string spelled(const RedisReply& reply, std::size_t level = 0) {
  check(level <= RedisReplies::kListLevelsMax, "no list is deeper than the limit");
  check(reply.list.size() <= RedisReplies::kListElementsMax, "no list is larger than the limit");
  check(reply.milliseconds() >= base::Duration::zero(), "no time is negative");
  std::string text = std::to_string(static_cast<int>(reply.kind)) + ' ' + reply.text + ' ' +
                     std::to_string(reply.number);
  for (const RedisReply& element : reply.list) text += '[' + spelled(element, level + 1) + ']';
  return text;
}

/// Adds the replies that have come. False after an error, which is the last of them.
bool read(RedisReplies& replies, std::vector<std::string>& found) {
  for (;;) {
    const auto reply = replies.next();
    if (!reply) {
      found.push_back(reply.error().detail);
      return false;
    }
    if (!*reply) return true;
    found.push_back(spelled(**reply));
  }
}

std::vector<std::string> read_in_pieces(std::string_view bytes) {
  RedisReplies replies;
  std::vector<std::string> found;
  for (Pieces pieces(bytes); !pieces.empty();) {
    if (!replies.feed(pieces.next()) || !read(replies, found)) break;
  }
  return found;
}

void run(std::string_view bytes) {
  RedisReplies replies;
  std::vector<std::string> whole;
  if (!replies.feed(bytes)) return;
  read(replies, whole);
  check(whole == read_in_pieces(bytes), "replies do not depend on how their bytes are cut");
}

const Registration registration("redis", run);

}  // namespace
}  // namespace bearer::fuzz
