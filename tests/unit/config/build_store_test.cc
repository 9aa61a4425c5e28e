#include "config/build.h"

#include <doctest/doctest.h>

#include "tests/unit/config/configuring.h"

using namespace bearer;
using namespace bearer::config;
using token::StoreOptions;

namespace {

Configuring with_store(const std::string& store, const std::vector<std::string>& more = {}) {
  Configuring configuring = complete_with(more);
  configuring.environment["BEARER_PROXY_TOKEN_STORE"] = store;
  configuring.files["key"] = "";
  return configuring;
}

Configuring with_redis(const std::string& url) {
  return with_store(url, {"--token-store-key-file", "key"});
}

StoreOptions store_of(const Configuring& configuring) {
  REQUIRE(configuring.errors() == "");
  return configuring.settings().credentials.at(0).store;
}

}  // namespace

TEST_CASE("without a store nothing is shared") {
  CHECK_FALSE(store_of(complete()).shared());
  CHECK_FALSE(store_of(with_store("memory")).shared());
}

TEST_CASE("a store in a file is its path") {
  const StoreOptions store = store_of(with_store("file:/run/b.json"));
  CHECK(store.kind == StoreOptions::Kind::file);
  CHECK(store.file == "/run/b.json");
}

TEST_CASE("a store in Redis is the parts of its URL") {
  const StoreOptions plain = store_of(with_redis("redis://cache.example"));
  CHECK(plain.kind == StoreOptions::Kind::redis);
  CHECK(plain.redis.host == "cache.example");
  CHECK(plain.redis.port == 6379);
  CHECK_FALSE(plain.redis.tls);
  CHECK(plain.redis.password.empty());
  CHECK(plain.key_file == "key");
  CHECK(store_of(with_redis("redis://[::1]")).redis.host == "::1");
  CHECK(store_of(with_redis("redis://[::1]")).redis.port == 6379);
  CHECK(store_of(with_redis("redis://h:80/2")).redis.port == 80);
  CHECK(store_of(with_redis("redis://h:80/2")).redis.database == 2);
  CHECK(store_of(with_redis("rediss://h")).redis.tls);

  const StoreOptions known = store_of(with_redis("rediss://us%3Aer:p%40w@h:6380/3"));
  CHECK(known.redis.user == "us:er");
  CHECK(known.redis.password == base::Secret("p@w"));
  CHECK(known.redis.port == 6380);
  CHECK(known.redis.database == 3);
}

TEST_CASE("a store that cannot be used is an error that names the setting and shows no password") {
  const struct {
    Configuring configuring;
    const char* why;
  } cases[] = {
      {with_store("redis"), "not a store; write memory, file:PATH"},
      {with_store("file:"), "not a store"},
      {with_store("http://u:hush@h"), "not a store"},
      {with_store("redis://h"), "token_store_key_file is not set"},
      {with_store("redis://h", {"--token-store-key-file", "none"}), "cannot be read"},
      {with_redis("redis://h/x"), "a database's number"},
      {with_redis("redis://u:hush@"), "it has no host"},
      {with_redis("redis://u:hush@h:99999"), "port"},
      {complete_with({"--token-store", "redis://u:hush@h"}),
       "others can read a process's arguments"},
      {with_store("file:/s", {"--token-store-key-file", "key"}), "only a store in Redis uses it"},
  };
  for (const auto& c : cases) {
    const std::string errors = c.configuring.errors();
    CAPTURE(errors);
    CHECK(errors.find("token_store") != std::string::npos);
    CHECK(errors.find(c.why) != std::string::npos);
    CHECK(errors.find("hush") == std::string::npos);
  }
}

TEST_CASE("each credential may have a store of its own, and a file of tokens needs none") {
  Configuring configuring = with_file(R"({
    "upstream": "https://api.example.com", "token_store": "file:/s",
    "credentials": {
      "a": {"token_url": "https://l.example/t", "client_id": "i"},
      "b": {"token_url": "https://l.example/t", "client_id": "i", "token_store": "memory"},
      "c": {"token_file": "t"}},
    "routes": [{"path": "/a", "credential": "a"}, {"path": "/b", "credential": "b"},
               {"path": "/c", "credential": "c"}]})");
  configuring.files["t"] = "";
  REQUIRE(configuring.errors() == "");
  const auto credentials = configuring.settings().credentials;
  CHECK(credentials.at(0).store.file == "/s");
  CHECK_FALSE(credentials.at(1).store.shared());
  CHECK_FALSE(credentials.at(2).store.shared());
}
