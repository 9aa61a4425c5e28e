#include "config/health_question.h"

#include <doctest/doctest.h>

#include "tests/unit/config/configuring.h"

using namespace bearer::config;
using bearer::net::Address;

TEST_CASE("healthcheck finds the admin port where the proxy has it from, and needs nothing else") {
  const Address own{"127.0.0.1", 9180};
  const Address other{"127.0.0.1", 1};
  const Configuring file{.arguments = {"healthcheck", "--config", "b.json"},
                         .files = {{"b.json", R"({"admin": "127.0.0.1:1", "upstream": ""})"}}};
  CHECK(Configuring{.arguments = {"healthcheck"}}.parse().health_question.admin == own);
  CHECK(file.parse().health_question.admin == other);
  CHECK(Configuring{.arguments = {"healthcheck"},
                    .environment = {{"BEARER_PROXY_ADMIN", "127.0.0.1:1"}}}
            .parse()
            .health_question.admin == other);
  const Configuring flag{.arguments = {"healthcheck", "--admin", "unix:/run/a", "--wait", "2m"}};
  CHECK(flag.parse().health_question.admin.path == "/run/a");
  CHECK(flag.parse().health_question.wait == std::chrono::minutes(2));
}

TEST_CASE("healthcheck asks for readiness, and with --live for life") {
  CHECK_FALSE(Configuring{.arguments = {"healthcheck"}}.parse().health_question.live);
  CHECK(Configuring{.arguments = {"healthcheck", "--live"}}.parse().health_question.live);
  CHECK(Configuring{.arguments = {"serve", "--live"}}.errors() ==
        "unknown flag --live: only bearer-proxy healthcheck has it");
}

TEST_CASE("an admin port that cannot be asked is said with the setting") {
  const auto errors = [](const std::vector<std::string>& more) {
    Configuring configuring{.arguments = {"healthcheck"}};
    configuring.arguments.insert(configuring.arguments.end(), more.begin(), more.end());
    return configuring.errors();
  };
  CHECK(errors({"--admin", "off"}).starts_with("admin = \"off\" (from --admin)"));
  CHECK(errors({"--admin", "127.0.0.1:0"}).starts_with("admin = \"127.0.0.1:0\" (from --admin)"));
  CHECK(errors({"--wait", "soon"}).starts_with("--wait soon"));
  CHECK(errors({"--wait", "1s", "--wait", "2s"}).starts_with("--wait "));
}
