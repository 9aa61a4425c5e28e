#include "config/build.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "config/checks.h"
#include "config/user_information.h"
#include "http/url.h"

namespace bearer::config {
namespace {

using token::RedisOptions;
using token::StoreOptions;

constexpr std::string_view kDefaultPort = ":6379";

/// The database's number in `/3`; 0 for none.
std::optional<unsigned> database_in(std::string_view path) {
  if (path.empty() || path == "/") return 0;
  const auto number = base::parse_decimal(path.substr(1));
  if (!number || *number > std::numeric_limits<unsigned>::max()) return std::nullopt;
  return static_cast<unsigned>(*number);
}

/// Parses `redis://[user:password@]host[:port][/database]`. `why` gets the fault, without the
/// password.
RedisOptions parse_redis(std::string text, std::string& why) {
  RedisOptions redis;
  redis.tls = text.starts_with("rediss:");
  text.replace(0, text.find(':'), redis.tls ? "https" : "http");
  UserInformation user = take_user_information(text);
  const std::size_t authority_end = std::min(text.find('/', text.find("://") + 3), text.size());
  const std::size_t bracket = text.rfind(']', authority_end);
  const std::size_t host_end = bracket == std::string::npos ? text.find("://") + 3 : bracket;
  if (text.substr(0, authority_end).find(':', host_end) == std::string::npos) {
    text.insert(authority_end, kDefaultPort);
  }
  const auto url = http::parse_url(text);
  if (!url) {
    why = url.error().detail;
    return redis;
  }
  const auto database = database_in(url->path);
  if (!database) why = "the path of a Redis URL is a database's number; write redis://host:6379/0";
  redis.host = url->host;
  redis.port = url->port;
  redis.user = std::move(user.user);
  redis.password = std::move(user.password);
  redis.database = database.value_or(0);
  return redis;
}

void read_redis(const Typed& typed, const Surroundings& around, const std::string& text,
                StoreOptions& options) {
  std::string why;
  options.kind = StoreOptions::Kind::redis;
  options.redis = parse_redis(text, why);
  if (!why.empty()) typed.problem("token-store", text, why);
  options.redis.ca_file = file(typed, "ca-file", around);
  options.key_file = file(typed, "token-store-key-file", around);
  if (options.key_file.empty()) {
    typed.missing("token-store-key-file",
                  "; what is kept in Redis is encrypted with it: openssl rand -base64 32 > FILE");
  }
}

}  // namespace

StoreOptions read_store(const Typed& typed, const Surroundings& around) {
  const std::string text = typed.text("token-store");
  StoreOptions options;
  if (text.starts_with("redis://") || text.starts_with("rediss://")) {
    read_redis(typed, around, text, options);
    return options;
  }
  if (text.starts_with("file:") && text.size() > 5) {
    options.kind = StoreOptions::Kind::file;
    options.file = text.substr(5);
  } else if (text != "memory") {
    typed.problem("token-store", text,
                  "not a store; write memory, file:PATH, redis://HOST:PORT or rediss://HOST:PORT");
  }
  if (typed.own("token-store-key-file")) {
    typed.problem("token-store-key-file", typed.text("token-store-key-file"),
                  "only a store in Redis uses it");
  }
  return options;
}

}  // namespace bearer::config
