#include "token/store/redis_protocol.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <system_error>
#include <utility>

#include "token/expiry.h"

namespace bearer::token {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kTooMuch = "a list larger or deeper than any that we ask for";

base::Error malformed(std::string_view why) {
  return {base::Errc::store_unusable,
          "the Redis server's answer cannot be understood: " + std::string(why)};
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

base::Duration RedisReply::milliseconds() const {
  constexpr std::int64_t kMax = std::chrono::floor<std::chrono::milliseconds>(kLifetimeMax).count();
  return std::chrono::milliseconds(std::clamp<std::int64_t>(number, 0, kMax));
}

std::string redis_command(const std::vector<std::string_view>& words) {
  constexpr std::size_t kAroundWord = 32;  // `$`, its size, two line ends
  std::size_t size = kAroundWord;
  for (const std::string_view word : words) size += word.size() + kAroundWord;
  std::string command;
  command.reserve(size);  // bytes that were moved would stay behind unwiped
  const auto append_header = [&](char type, std::size_t count) {
    command += type;
    command += std::to_string(count);
    command += kLineEnd;
  };
  append_header('*', words.size());
  for (const std::string_view word : words) {
    append_header('$', word.size());
    command += word;
    command += kLineEnd;
  }
  return command;
}

base::Result<void> RedisReplies::feed(std::string_view bytes) {
  reply_bytes_ += bytes.size();
  if (reply_bytes_ > kReplyBytesMax) return malformed("larger than 1 MiB");
  bytes_ += bytes;
  return {};
}

base::Result<std::optional<RedisReply>> RedisReplies::next() {
  for (;;) {
    base::Result<std::optional<Part>> part = take_part();
    if (!part) return part.error();
    if (!*part) {
      bytes_.erase(0, std::exchange(taken_, 0));
      return std::nullopt;
    }
    open_.push_back(std::move(**part));
    if (open_.size() > kListLevelsMax && open_.back().missing > 0) return malformed(kTooMuch);
    while (open_.back().missing == 0) {
      RedisReply whole = std::move(open_.back().reply);
      open_.pop_back();
      if (open_.empty()) {
        reply_bytes_ = bytes_.size() - taken_;
        return std::optional(std::move(whole));
      }
      open_.back().reply.list.push_back(std::move(whole));
      --open_.back().missing;
    }
  }
}

/// Takes a line, and the text that it announces.
base::Result<std::optional<RedisReplies::Part>> RedisReplies::take_part() {
  using Kind = RedisReply::Kind;
  const std::string_view rest = std::string_view(bytes_).substr(taken_);
  if (rest.empty()) return std::nullopt;
  const char type = rest.front();
  if (std::string_view("+-:$*").find(type) == std::string_view::npos) {
    return malformed("it begins with none of + - : $ *");
  }
  const std::size_t end = rest.find(kLineEnd);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(1, end - 1);
  const std::string_view after_line = rest.substr(end + kLineEnd.size());
  Part part;
  if (type == '+' || type == '-') {
    part.reply = {.kind = type == '+' ? Kind::text : Kind::error, .text = std::string(line)};
  } else {
    const std::optional<std::int64_t> number = parse_number(line);
    if (!number || (type != ':' && *number < -1)) return malformed("a number is malformed");
    if (type == '$' && *number >= 0) return take_text(*number, after_line);
    if (type == ':') {
      part.reply = {.kind = Kind::number, .number = *number};
    } else if (*number >= 0) {
      if (std::cmp_greater(*number, kListElementsMax)) {
        return malformed(kTooMuch);
      }
      part = {{.kind = Kind::list}, static_cast<std::size_t>(*number)};
    }
  }
  taken_ = bytes_.size() - after_line.size();
  return std::optional(std::move(part));
}

base::Result<std::optional<RedisReplies::Part>> RedisReplies::take_text(
    std::int64_t size, std::string_view after_line) {
  if (std::cmp_greater(size, kReplyBytesMax)) return malformed("larger than 1 MiB");
  const auto length = static_cast<std::size_t>(size);
  if (after_line.size() < length + kLineEnd.size()) return std::nullopt;
  if (after_line.substr(length, kLineEnd.size()) != kLineEnd) {
    return malformed("a text is longer than its length");
  }
  taken_ = bytes_.size() - after_line.size() + length + kLineEnd.size();
  return std::optional(
      Part{{.kind = RedisReply::Kind::text, .text = std::string(after_line.substr(0, length))}});
}

}  // namespace bearer::token
