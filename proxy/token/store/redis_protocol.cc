#include "token/store/redis_protocol.h"

#include <hiredis/hiredis.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <chrono>
#include <new>

#include "token/expiry.h"

namespace bearer::token {
namespace {

RedisReply converted(const redisReply& reply) {
  RedisReply made;
  switch (reply.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
      made.kind =
          reply.type == REDIS_REPLY_ERROR ? RedisReply::Kind::error : RedisReply::Kind::text;
      made.text.assign(reply.str, static_cast<std::size_t>(reply.len));
      break;
    case REDIS_REPLY_INTEGER:
      made.kind = RedisReply::Kind::number;
      made.number = reply.integer;
      break;
    case REDIS_REPLY_ARRAY:
      made.kind = RedisReply::Kind::list;
      for (std::size_t i = 0; i < reply.elements; ++i) {
        made.list.push_back(converted(*reply.element[i]));
      }
      break;
    default: break;
  }
  return made;
}

using Functions = redisReplyObjectFunctions;

/// What hiredis makes replies with.
const Functions& usual_functions() {
  static const Functions kUsual = [] {
    const std::unique_ptr<redisReader, void (*)(redisReader*)> reader(redisReaderCreate(),
                                                                      redisReaderFree);
    if (!reader) throw std::bad_alloc();
    return *reader->fn;
  }();
  return kUsual;
}

/// A list takes memory for as many elements as the server says that it has, before any has come;
/// where this is null, no more of the reply is read. `Size` differs between hiredis' versions.
template <typename Size>
void* make_bounded_list(const redisReadTask* task, Size elements) {
  int levels = 1;
  for (const redisReadTask* outer = task->parent; outer != nullptr; outer = outer->parent) {
    ++levels;
  }
  if (levels > RedisReplies::kListLevelsMax) return nullptr;
  if (static_cast<std::size_t>(elements) > RedisReplies::kListElementsMax) return nullptr;
  return usual_functions().createArray(task, elements);
}

redisReader* make_reader() {
  static Functions bounded = [] {
    Functions functions = usual_functions();
    functions.createArray = make_bounded_list;
    return functions;
  }();
  return redisReaderCreateWithFunctions(&bounded);
}

base::Error malformed(const char* why) {
  return {base::Errc::store_unusable,
          std::string("the Redis server's answer cannot be understood: ") + why};
}

}  // namespace

base::Duration RedisReply::milliseconds() const {
  constexpr std::int64_t kMax = std::chrono::floor<std::chrono::milliseconds>(kLifetimeMax).count();
  return std::chrono::milliseconds(std::clamp<std::int64_t>(number, 0, kMax));
}

std::string redis_command(const std::vector<std::string_view>& words) {
  std::vector<const char*> starts;
  std::vector<std::size_t> sizes;
  for (const std::string_view word : words) {
    starts.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* formatted = nullptr;
  const int size = redisFormatCommandArgv(&formatted, static_cast<int>(words.size()), starts.data(),
                                          sizes.data());
  if (size < 0) throw std::bad_alloc();
  std::string command(formatted, static_cast<std::size_t>(size));
  OPENSSL_cleanse(formatted, command.size());  // a password may be among the words
  redisFreeCommand(formatted);
  return command;
}

RedisReplies::RedisReplies() : reader_(make_reader(), redisReaderFree) {
  if (!reader_) throw std::bad_alloc();
}

base::Result<void> RedisReplies::feed(std::string_view bytes) {
  pending_bytes_ += bytes.size();
  if (pending_bytes_ > kReplyBytesMax) return malformed("larger than 1 MiB");
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) {
    return malformed(reader_->errstr);
  }
  return {};
}

base::Result<std::optional<RedisReply>> RedisReplies::next() {
  void* reply = nullptr;
  if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) {
    const bool unbounded = reader_->err == REDIS_ERR_OOM;
    return malformed(unbounded ? "a list larger or deeper than any that we ask for"
                               : reader_->errstr);
  }
  if (!reply) return std::optional<RedisReply>();
  pending_bytes_ = 0;
  RedisReply made = converted(*static_cast<redisReply*>(reply));
  freeReplyObject(reply);
  return std::optional(std::move(made));
}

}  // namespace bearer::token
