// Requests carry more than the client's own fields: the token where a person wants it, and fixed
// fields.
#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

constexpr const char* kKey = "gw-4711-hidden";

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The values of that field, spelled like this, that the upstream got.
std::vector<std::string> seen(const Reply& echo, const std::string& name) {
  std::vector<std::string> values;
  const Json request = Json::parse(echo.body);
  for (const Json& field : request.at("fields")) {
    if (field.at(0) == name) values.push_back(field.at(1));
  }
  return values;
}

}  // namespace

TEST_CASE("own fields: the token goes into another field, and the client's own gives way") {
  const Sandbox sandbox({"--token-format", "opaque"});
  const Proxy proxy(sandbox, {"--auth-field", "X-Shop-Token", "--auth-scheme", ""});
  const Reply echo = curl({"-H", "x-shop-token: mine", "-u", "me:pw", proxy.url("/echo")});
  REQUIRE(echo.status == 200);
  const std::vector<std::string> tokens = seen(echo, "X-Shop-Token");
  REQUIRE(tokens.size() == 1);
  CHECK(tokens[0].find(' ') == std::string::npos);
  CHECK(seen(echo, "x-shop-token").empty());
  CHECK(seen(echo, "Authorization") == std::vector<std::string>{"Basic bWU6cHc="});
  CHECK(
      seen(curl({"-H", "Authorization: Bearer old", proxy.url("/echo")}), "Authorization").empty());
}

TEST_CASE("own fields: fixed fields replace the client's, and a file of them is read again") {
  const Sandbox sandbox;
  const TemporaryDirectory directory;
  const std::string file = directory.write("fields", "X-Gateway-Key: " + std::string(kKey) + "\n");
  Proxy proxy(sandbox, {"--set-header", "Accept: text/csv", "--set-header-file", file,
                        "--log-level", "debug", "--admin", "127.0.0.1:0"});
  Reply echo = curl({"-H", "X-Gateway-Key: mine", "-H", "X_Gateway_Key: mine", proxy.url("/echo")});
  CHECK(seen(echo, "X-Gateway-Key") == std::vector<std::string>{kKey});
  CHECK(seen(echo, "Accept") == std::vector<std::string>{"text/csv"});
  CHECK_FALSE(holds(echo.body, "mine"));
  CHECK_FALSE(holds(curl({proxy.admin_url("/status")}).body, kKey));

  directory.write("fields", "X-Gateway-Key: second\n");
  proxy.program().signal(SIGHUP);
  proxy.program().await_error("the configuration was read again");
  CHECK(seen(curl({proxy.url("/echo")}), "X-Gateway-Key") == std::vector<std::string>{"second"});

  directory.write("fields", "Host: " + std::string(kKey) + "\n");
  proxy.program().signal(SIGHUP);
  const std::string refused = proxy.program().await_error("the new configuration is refused");
  CHECK(holds(refused, "line 1: Host frames, routes or identifies"));
  CHECK(seen(curl({proxy.url("/echo")}), "X-Gateway-Key") == std::vector<std::string>{"second"});
  CHECK_FALSE(holds(proxy.end(), kKey));
}

TEST_CASE("own fields: a start with a field that would break requests is a usage error") {
  const Sandbox sandbox;
  const TemporaryDirectory directory;
  const std::string file = directory.write("fields", "Transfer-Encoding: " + std::string(kKey));
  for (const Strings& flags : {Strings{"--set-header", "Authorization: " + std::string(kKey)},
                               Strings{"--set-header-file", file},
                               Strings{"--set-header", "X: a\r\nY: " + std::string(kKey)},
                               Strings{"--auth-field", "Host"}}) {
    const Finished finished = run(proxy_command(Strings{"check", "--upstream", sandbox.url()} +
                                                credential_of(sandbox) + flags),
                                  kSandboxSecret);
    CHECK(finished.status == 2);
    CHECK_FALSE(holds(finished.err + finished.out, kKey));
  }
}

TEST_CASE("own fields: check asks the upstream as requests do") {
  const Sandbox sandbox;
  const auto status = [&](const Strings& flags) {
    return run(proxy_command(Strings{"check", "--upstream", sandbox.url("/api/v2/users")} +
                             credential_of(sandbox) + flags),
               kSandboxSecret)
        .status;
  };
  CHECK(status({}) == 0);
  CHECK(status({"--auth-field", "X-Token"}) == 4);
  CHECK(status({"--auth-scheme", "Token"}) == 4);
}
