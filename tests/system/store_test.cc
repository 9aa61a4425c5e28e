// One token for many processes, with a real file and a real Redis.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/message_server.h"
#include "tests/support/raw_message.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_ca.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/redis.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

Finished token(const Sandbox& sandbox, const Strings& store, const Strings& env = {}) {
  return run(proxy_command(Strings{"token"} + credential_of(sandbox) + store),
             kSandboxSecret + env);
}

int token_requests(const Sandbox& sandbox) {
  return sandbox.stats().at("tokens").at("requests");
}

/// Until one has begun: the sandbox counts it before it answers.
void await_token_request(const Sandbox& sandbox) {
  REQUIRE(eventually([&] { return token_requests(sandbox) > 0; }));
}

/// How often a process went on without its store, by its log.
int count_faults(const std::string& log) {
  int faults = 0;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("the token store cannot be used now") != std::string::npos) ++faults;
  }
  return faults;
}

}  // namespace

TEST_CASE("processes at one store make one token request, and another one after a 401") {
  const Sandbox sandbox;
  const KeyFile key;
  const Redis redis;
  const Strings stores[] = {at(redis, key),
                            {"--token-store", "file:" + key.directory.path("store.json")}};
  for (const Strings& store : stores) {
    CAPTURE(store[1]);
    const int before = token_requests(sandbox);
    Proxy proxies[] = {Proxy(sandbox, store), Proxy(sandbox, store), Proxy(sandbox, store)};
    const auto ask_each = [&] {
      for (const Proxy& proxy : proxies)
        CHECK(curl({proxy.url("/api/v2/whoami?id=1")}).status == 200);
      return token_requests(sandbox);
    };
    const int first = ask_each();
    sandbox.revoke();
    const int last = ask_each();
    int faults = 0;  // of a Redis that stands still for a second: each may cost a request
    for (Proxy& proxy : proxies) faults += count_faults(proxy.end());
    CHECK(first >= before + 1);
    CHECK(last >= first + 1);
    CHECK(last <= before + 2 + faults);
  }
}

TEST_CASE("a store keeps tenants apart that only a field of the token request names") {
  const TemporaryDirectory directory;
  const MessageServer endpoint([](const RawMessage& request) {
    const std::string tenant = request.value("X-Org");
    return answer("200 OK", R"({"access_token":"tok-)" + tenant + R"(","expires_in":500})");
  });
  const Strings settings = {"token",
                            "--token-url",
                            "http://127.0.0.1:" + std::to_string(endpoint.port()),
                            "--client-id",
                            "app",
                            "--token-store",
                            "file:" + directory.path("store")};
  const std::string file = directory.path("fields");
  for (const char* org : {"north", "south", "north"}) {
    const std::string field = std::string("X-Org: ") + org;
    directory.write("fields", field + "\n");
    for (const Strings& way : {Strings{"--token-header", field}, {"--token-header-file", file}}) {
      CHECK(run(proxy_command(settings + way), kSandboxSecret).out ==
            "tok-" + std::string(org) + "\n");
    }
  }
}

TEST_CASE("a request that waits for another process's token is told so") {
  const TemporaryDirectory directory;
  const Strings settings = {"--upstream",      "https://api.invalid",
                            "--token-store",   "file:" + directory.path("store"),
                            "--token-wait",    "500ms",
                            "--token-command", "sh -c 'echo on >&2; sleep 1000'"};
  Proxy holder(settings);
  holder.program().await_error("the token command says");
  const Proxy waiting(settings);
  std::string said;
  // The first may come before the store was asked.
  for (int i = 0; i < 20 && said.find("another process") == std::string::npos; ++i) {
    said = curl({waiting.url("/")}).body;
  }
  CAPTURE(said);
  CHECK(said.find("another process that shares the token store") != std::string::npos);
}

TEST_CASE("a token that was taken from the store is no token request in the log and the metrics") {
  const Sandbox sandbox;
  const KeyFile key;
  const Strings store = {"--token-store", "file:" + key.directory.path("store.json"), "--admin",
                         "127.0.0.1:0"};
  const auto metrics = [](Proxy& proxy) { return curl({proxy.admin_url("/metrics")}).body; };
  const std::string total = "bearer_proxy_token_refresh_total{credential=\"default\",result=";
  Proxy first(sandbox, store);
  first.program().await_error("token fetched");
  CHECK(metrics(first).find(total + "\"ok\"} 1") != std::string::npos);
  Proxy second(sandbox, store);
  second.program().await_error("token taken from the store");
  const std::string counted = metrics(second);
  CHECK(counted.find(total + "\"ok\"} 0") != std::string::npos);
  CHECK(counted.find(total + "\"shared\"} 1") != std::string::npos);
}

TEST_CASE("exec counts a token that was taken from the store as such") {
  const Sandbox sandbox;
  const KeyFile key;
  const auto exec = [&] {
    return run(proxy_command(Strings{"exec", "--upstream", sandbox.url(), "--token-store",
                                     "file:" + key.directory.path("store.json")} +
                             credential_of(sandbox) + Strings{"--", "true"}),
               kSandboxSecret)
        .err;
  };
  CHECK(exec().ends_with(", 1 token fetched\n"));
  CHECK(exec().ends_with(", 0 tokens fetched, 1 taken from the store\n"));
}

TEST_CASE("what is kept in Redis cannot be read, and ends with the token") {
  const Sandbox sandbox({"--token-lifetime", "100s"});
  const KeyFile key;
  const Redis redis;
  const Finished printed = token(sandbox, at(redis, key));
  REQUIRE(printed.status == 0);
  const std::string name = redis.ask({"keys", "*"});  // one only: the hold is let go of
  CHECK(name.starts_with("bearer-proxy:default:"));
  CHECK(name.ends_with(":token"));
  const int left_s = std::stoi(redis.ask({"ttl", name}));
  CHECK(left_s > 50);
  CHECK(left_s <= 100);
  const std::string value = redis.ask({"--no-raw", "get", name});
  CHECK(value.find("access_token") == std::string::npos);
  CHECK((value.find(printed.out.substr(0, 10)) == std::string::npos));
}

TEST_CASE("a value that was swapped for another credential's counts as absent") {
  const Sandbox sandbox;
  const KeyFile key;
  const Redis redis;
  REQUIRE(token(sandbox, at(redis, key)).status == 0);
  const std::string one = redis.ask({"keys", "*"});
  REQUIRE(token(sandbox, at(redis, key) + Strings{"--scope", "other"}).status == 0);
  std::istringstream names(redis.ask({"keys", "*"}));
  std::string other;
  while (std::getline(names, other) && other == one) {
  }
  REQUIRE(other != one);
  redis.ask({"copy", other, one, "replace"});
  const Finished again = token(sandbox, at(redis, key));
  CHECK(again.status == 0);
  CHECK(again.err.find("cannot be decrypted and counts as absent") != std::string::npos);
  CHECK(token_requests(sandbox) == 3);
}

TEST_CASE("Redis over TLS is verified by --ca-file, and its password goes by the environment") {
  const Sandbox sandbox;
  const KeyFile key;
  TestCa ca;
  const Leaf leaf = ca.leaf();
  const Redis redis(
      {"--tls-cert-file", leaf.cert_file, "--tls-key-file", leaf.key_file, "--tls-ca-cert-file",
       ca.ca_file(), "--tls-auth-clients", "no", "--requirepass", "pass+word"},
      /*tls=*/true);
  const Strings store = {"--token-store-key-file", key.path};
  const auto with_password = [&](const std::string& password) {
    return Strings{"BEARER_PROXY_TOKEN_STORE=rediss://:" + password + "@localhost:" + redis.port()};
  };
  const Strings trusted = store + Strings{"--ca-file", ca.ca_file()};
  const Finished first = token(sandbox, trusted, with_password("pass%2Bword"));
  CHECK(first.status == 0);
  CHECK(first.err == "");
  CHECK(token(sandbox, trusted, with_password("pass%2Bword")).out == first.out);
  CHECK(token_requests(sandbox) == 1);

  const Finished wrong = token(sandbox, trusted, with_password("wrong-one"));
  CHECK(wrong.status == 0);  // a token of its own
  CHECK(wrong.err.find("answered WRONGPASS") != std::string::npos);
  CHECK(wrong.err.find("wrong-one") == std::string::npos);
  const Finished untrusted = token(sandbox, store, with_password("pass%2Bword"));
  CHECK(untrusted.status == 0);
  CHECK(untrusted.err.find("the certificate of the Redis server localhost:" + redis.port() +
                           " is not trusted") != std::string::npos);
  CHECK(token_requests(sandbox) == 3);
}

TEST_CASE("a Redis that is down costs a token request and a line in the log, and no request") {
  const Sandbox sandbox;
  const KeyFile key;
  Redis redis;
  redis.kill();
  Proxy first(sandbox, at(redis, key));
  CHECK(curl({first.url("/api/v2/whoami?id=1")}).status == 200);
  CHECK(token_requests(sandbox) == 1);
  redis.start();
  const Proxy second(sandbox, at(redis, key));
  CHECK(curl({second.url("/api/v2/whoami?id=1")}).status == 200);
  CHECK(token_requests(sandbox) == 2);
  const std::string log = first.end();
  CHECK(log.find("the token store cannot be used now") != std::string::npos);
  CHECK(log.find("refused the connection") != std::string::npos);
}

TEST_CASE("a pause that one proxy was told of holds for the others of the fleet") {
  using Clock = std::chrono::steady_clock;
  const Sandbox sandbox;
  const KeyFile key;
  const Redis redis;
  const Strings settings = at(redis, key) + Strings{"--max-retries", "0"};
  Proxy told(sandbox, settings);
  Proxy other(sandbox, settings);
  REQUIRE(curl({other.url("/echo")}).status == 200);
  const Clock::time_point began = Clock::now();
  // So long that the other one hears of it in time also where it has to ask the store again.
  CHECK(curl({told.url("/status/503?Retry-After=8")}).status == 503);
  other.program().await_error("another proxy of the fleet was told to wait");
  CHECK(curl({other.url("/echo")}).status == 200);
  CHECK(Clock::now() - began >= std::chrono::milliseconds(7990));
  // It is no pause of its own that comes back.
  CHECK(told.end().find("another proxy of the fleet") == std::string::npos);
}

TEST_CASE("a Redis that comes back is used for pauses again, and both is said once") {
  const Sandbox sandbox;
  const KeyFile key;
  Redis redis;
  redis.kill();
  Proxy proxy(sandbox, at(redis, key));
  proxy.program().await_error("pauses are not shared with the fleet for now");
  redis.start();
  proxy.program().await_error("pauses are shared with the fleet again");
}

TEST_CASE("of eight processes at one file one is killed while it refreshes: one more request") {
  const Sandbox sandbox;
  const KeyFile key;
  const Strings store = {"--token-store", "file:" + key.directory.path("store.json")};
  sandbox.script_tokens(Json::array({{{"delay_ms", 20000}}}));
  Proxy holder(sandbox, store);
  await_token_request(sandbox);
  std::vector<std::unique_ptr<Proxy>> others;
  for (int i = 0; i < 7; ++i) others.push_back(std::make_unique<Proxy>(sandbox, store));
  holder.program().signal(SIGKILL);
  for (const auto& proxy : others) CHECK(curl({proxy->url("/api/v2/whoami?id=1")}).status == 200);
  CHECK(token_requests(sandbox) == 2);
  for (const auto& proxy : others) proxy->end();
}

namespace {

/// A process that waits for its token, while it holds the fleet's Redis.
struct Refreshing {
  explicit Refreshing(int delay_ms) {
    sandbox.script_tokens(Json::array({{{"delay_ms", delay_ms}}}));
    holder.emplace(sandbox, at(redis, key));
    await_token_request(sandbox);
  }

  const Sandbox sandbox;
  const KeyFile key;
  const Redis redis;
  std::optional<Proxy> holder;
};

}  // namespace

TEST_CASE("a process that is killed while it refreshes holds up no request of the fleet in vain") {
  Refreshing f(60000);
  Proxy first(f.sandbox, at(f.redis, f.key)), second(f.sandbox, at(f.redis, f.key));
  f.holder->program().signal(SIGKILL);
  CHECK(curl({first.url("/api/v2/whoami?id=1")}).status == 200);
  CHECK(curl({second.url("/api/v2/whoami?id=1")}).status == 200);
  CHECK(token_requests(f.sandbox) == 2);
  CHECK(count_faults(first.end()) + count_faults(second.end()) == 0);
}

TEST_CASE("a process that takes long to refresh is waited for, and nobody refreshes beside it") {
  Refreshing f(7000);  // its hold is prolonged meanwhile
  Proxy other(f.sandbox, at(f.redis, f.key) + Strings{"--token-wait", "60s"});
  CHECK(curl({other.url("/api/v2/whoami?id=1")}).status == 200);
  CHECK(token_requests(f.sandbox) == 1);
  CHECK(count_faults(other.end()) == 0);
  CHECK(f.holder->end().find("the hold at Redis ended") == std::string::npos);
}

TEST_CASE("a process that is told to end while it refreshes leaves nobody waiting") {
  Refreshing f(20000);
  CHECK(f.redis.ask({"keys", "*"}).ends_with(":hold"));
  f.holder->end();
  CHECK(f.redis.ask({"keys", "*"}) == "");
}

TEST_CASE("a store that cannot be used as it is set is a configuration error that names it") {
  const Sandbox sandbox;
  const KeyFile key;
  const std::string open_to_all = key.directory.write("store.json", "{}");
  std::filesystem::permissions(open_to_all, static_cast<std::filesystem::perms>(0644));
  const std::string open_key = key.directory.write("open", KeyFile::kKey);
  std::filesystem::permissions(open_key, static_cast<std::filesystem::perms>(0644));
  const struct {
    Strings store;
    const char* why;
  } cases[] = {
      {{"--token-store", "file:" + open_to_all}, "can be read by other users: chmod 600 it"},
      {{"--token-store", "file:/nowhere/at/all"}, "cannot be written: the directory /nowhere/at"},
      {{"--token-store", "redis://h", "--token-store-key-file", open_key}, "chmod o= it"},
      {{"--token-store", "redis://u:hush@h", "--token-store-key-file", key.path},
       "others can read a process's arguments"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.store[1]);
    const Finished finished = token(sandbox, c.store);
    CHECK(finished.status == 2);
    CHECK(finished.err.find("token_store") != std::string::npos);
    CHECK(finished.err.find(c.why) != std::string::npos);
    CHECK(finished.err.find("hush") == std::string::npos);
  }
}
