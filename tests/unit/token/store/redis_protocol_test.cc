#include "token/store/redis_protocol.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "token/expiry.h"

using namespace bearer;
using token::RedisReplies;
using token::RedisReply;
using Kind = token::RedisReply::Kind;

namespace {

/// The one reply that these bytes hold.
RedisReply reply_in(std::string_view bytes) {
  RedisReplies replies;
  REQUIRE(replies.feed(bytes).has_value());
  auto reply = replies.next();
  REQUIRE(reply.has_value());
  REQUIRE(reply->has_value());
  return std::move(**reply);
}

}  // namespace

TEST_CASE("a command is an array of texts of any bytes") {
  CHECK(token::redis_command({"SET", "k", std::string_view("a\0\r\n", 4)}) ==
        std::string("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\0\r\n\r\n", 30));
}

TEST_CASE("each kind of reply is understood") {
  CHECK(reply_in("+OK\r\n").kind == Kind::text);
  CHECK(reply_in("+OK\r\n").text == "OK");
  CHECK(reply_in("$2\r\n\r\n\r\n").text == "\r\n");
  CHECK(reply_in("$-1\r\n").kind == Kind::nothing);
  CHECK(reply_in("*-1\r\n").kind == Kind::nothing);
  CHECK(reply_in("$0\r\n\r\n").kind == Kind::text);
  CHECK(reply_in(":-2\r\n").number == -2);
  CHECK(reply_in("-ERR no\r\n").kind == Kind::error);
  CHECK(reply_in("-ERR no\r\n").text == "ERR no");
  const RedisReply list = reply_in("*2\r\n$1\r\na\r\n:7\r\n");
  REQUIRE(list.list.size() == 2);
  CHECK(list.list[0].text == "a");
  CHECK(list.list[1].number == 7);
}

TEST_CASE("replies come whole, however their bytes are cut, and one after the other") {
  constexpr std::string_view kBytes = "*2\r\n$1\r\na\r\n:7\r\n+OK\r\n";
  RedisReplies replies;
  int whole = 0;
  for (const char byte : kBytes) {
    REQUIRE(replies.feed({&byte, 1}).has_value());
    whole += replies.next().value().has_value() ? 1 : 0;
  }
  CHECK(whole == 2);
}

TEST_CASE("what is not Redis' protocol, or too much of it, is an error") {
  RedisReplies http;
  REQUIRE(http.feed("HTTP/1.1 400 Bad Request\r\n").has_value());
  CHECK(http.next().error().code == base::Errc::store_unusable);

  RedisReplies endless;
  REQUIRE(endless.feed("$2000000\r\n").has_value());
  const std::string much(RedisReplies::kReplyBytesMax, 'x');
  CHECK_FALSE(endless.feed(much).has_value());
}

TEST_CASE("a malformed reply is refused as soon as it can be told from a good one") {
  const char* const malformed[] = {
      "H",           "\r\n",    ":\r\n", ":1x\r\n", ":+1\r\n",      "$-2\r\n",
      "$x\r\n",      "*-2\r\n", "$\r\n", "*\r\n",   "$1\r\nab\r\n", "$99999999999999999999\r\n",
      "$1048577\r\n"};
  for (const char* bytes : malformed) {
    CAPTURE(bytes);
    RedisReplies replies;
    REQUIRE(replies.feed(bytes).has_value());
    CHECK_FALSE(replies.next().has_value());
  }
}

TEST_CASE("an incomplete reply is waited for") {
  for (const char* bytes :
       {"", "+", "+OK", "+OK\r", "$2\r\nab", "$2\r\nab\r", "*1\r\n", "*2\r\n:1\r\n"}) {
    CAPTURE(bytes);
    RedisReplies replies;
    REQUIRE(replies.feed(bytes).has_value());
    const auto reply = replies.next();
    REQUIRE(reply.has_value());
    CHECK_FALSE(reply->has_value());
  }
}

TEST_CASE("a list takes no memory for elements that are only promised") {
  const auto refused = [](const std::string& bytes) {
    RedisReplies replies;
    REQUIRE(replies.feed(bytes).has_value());
    const auto reply = replies.next();
    return reply.has_error() && reply.error().detail.find("larger or deeper") != std::string::npos;
  };
  CHECK(refused("*1000000000\r\n"));
  CHECK(refused("*2000000000\r\n*2000000000\r\n"));
  CHECK(refused("*65537\r\n"));
  CHECK(refused("*2\r\n:1\r\n*65537\r\n"));
  CHECK(refused("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "*1\r\n";
  CHECK(refused(deep));
}

TEST_CASE("lists within the bounds are read") {
  std::string list = "*65536\r\n";
  for (int i = 0; i < 65536; ++i) list += ":1\r\n";
  CHECK(reply_in(list).list.size() == 65536);
  CHECK(reply_in("*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n").list.size() == 1);
  CHECK(reply_in("*0\r\n").list.empty());
}

TEST_CASE("a number of milliseconds is not negative and at most ten years") {
  CHECK(reply_in(":1500\r\n").milliseconds() == std::chrono::milliseconds(1500));
  CHECK(reply_in(":-2\r\n").milliseconds() == base::Duration::zero());
  CHECK(reply_in(":9000000000000000000\r\n").milliseconds() == token::kLifetimeMax);
}
