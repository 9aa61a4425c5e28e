// SIGHUP: the configuration, secrets and certificates are read again.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/content.h"
#include "tests/support/eventually.h"
#include "tests/support/said.h"
#include "tests/support/slow_rotation.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

constexpr const char* kReloaded = "the configuration was read again";
constexpr const char* kRefused = "the new configuration is refused";

/// A proxy whose configuration is a file that the test writes.
class Configured {
 public:
  explicit Configured(const Strings& flags = {}) {
    write(Json::object());
    proxy = std::make_unique<Proxy>(Strings{"--config", directory.path(kFile)} + flags);
  }

  /// Writes these changes into the file, beside the sandbox as upstream and token endpoint.
  void write(const Json& changes) const {
    Json config = {{"upstream", sandbox.url()},
                   {"token_url", sandbox.url("/oauth/token")},
                   {"client_id", "sandbox"}};
    config.update(changes);
    directory.write(kFile, config.dump());
  }
  /// SIGHUP; returns the line that tells what became of it.
  std::string hang_up(const char* outcome) {
    proxy->program().signal(SIGHUP);
    return proxy->program().await_error(outcome, ++seen_[outcome]);
  }

  static constexpr const char* kFile = "config.json";
  TemporaryDirectory directory;
  Sandbox sandbox;
  std::unique_ptr<Proxy> proxy;

 private:
  std::map<std::string, int> seen_;  // lines of each outcome
};

}  // namespace

TEST_CASE("SIGHUP: a good configuration takes effect, on the same address") {
  Configured way;
  CHECK(curl({way.proxy->url("/api/v2/users")}).status == 200);
  way.write({{"deny_path", {"/api/v2/users"}}});
  way.hang_up(kReloaded);
  CHECK(curl({way.proxy->url("/api/v2/users")}).status == 403);
  way.proxy->end();
}

TEST_CASE("SIGHUP: a bad configuration is refused with its reason, and the one before goes on") {
  Configured way;
  const std::pair<Json, const char*> cases[] = {
      {{{"retry_windou", "5s"}}, "retry_window"},
      {{{"upstream", "ftp://api.example"}}, "upstream"},
      {{{"upstream", "https://127.0.0.1:1"}, {"ca_file", "/nonexistent.pem"}}, "ca_file"},
      {{{"retry_window", "soon"}}, "retry_window"},
  };
  for (const auto& [changes, named] : cases) {
    INFO(named);
    way.write(changes);
    const std::string line = way.hang_up(kRefused);
    CHECK(line.find(named) != std::string::npos);
    CHECK(curl({way.proxy->url("/api/v2/users")}).status == 200);
  }
  way.directory.write(Configured::kFile, "{ \"upstream\": ");
  way.hang_up(kRefused);
  CHECK(curl({way.proxy->url("/api/v2/users")}).status == 200);
  way.proxy->end();
}

TEST_CASE(
    "SIGHUP: a credential whose endpoint is silent goes, and the next order is obeyed at once") {
  SlowRotation endpoint;
  Configured way;
  way.directory.write("grant", "grant-0");
  const Json slow = {{"token_url", endpoint.url()},
                     {"client_id", "id"},
                     {"auth_method", "none"},
                     {"grant", "refresh_token"},
                     {"refresh_token_file", way.directory.path("grant")}};
  way.write(slow);
  way.hang_up(kReloaded);
  endpoint.await_request(1);
  way.write({{"deny_path", {"/api/v2/users"}}});
  way.hang_up(kReloaded);
  CHECK(curl({way.proxy->url("/api/v2/users")}).status == 403);
  way.write(Json::object());
  way.hang_up(kReloaded);
  CHECK(curl({way.proxy->url("/api/v2/users")}).status == 200);
  CHECK(content(way.directory.path("grant")) == "grant-0");  // all this while it is silent
  endpoint.let_answer();
  CHECK(eventually([&] { return content(way.directory.path("grant")) == "grant-1\n"; }));
  way.proxy->end();
}

TEST_CASE("SIGHUP: a setting that holds from the start is named, the others take effect") {
  Configured way;
  way.write({{"threads", 2}, {"deny_method", {"DELETE"}}});
  way.hang_up(kReloaded);
  const std::string line = way.proxy->program().await_error("at the next start only");
  CHECK(line.find("threads") != std::string::npos);
  CHECK(line.find("listen") == std::string::npos);
  CHECK(curl({"-X", "DELETE", way.proxy->url("/")}).status == 403);
  way.write(Json::object());  // as it was at the start
  way.hang_up(kReloaded);
  way.proxy->end();
  const std::string& said = way.proxy->program().errors();
  CHECK(said.find("at the next start only") == said.rfind("at the next start only"));
}

TEST_CASE("SIGHUP: a credential that changed has its token fetched before it is used") {
  Configured way;
  way.write({{"client_id", "nobody"}});
  way.hang_up(kReloaded);
  const Reply refused = curl({way.proxy->url("/api/v2/users")});
  CHECK(refused.status == 502);
  CHECK(refused.field("Proxy-Status").find("credential_rejected") != std::string::npos);
  way.write(Json::object());
  way.hang_up(kReloaded);
  CHECK(curl({way.proxy->url("/api/v2/users")}).status == 200);
  way.proxy->end();
}

TEST_CASE("SIGHUP: a reload that changes one credential leaves the others their tokens") {
  Configured way;
  const auto write = [&way](const char* scope) {
    way.write({{"credentials", {{"kept", {{"scope", "users"}}}, {"changed", {{"scope", scope}}}}},
               {"routes",
                {{{"path", "/"}, {"credential", "kept"}},
                 {{"path", "/b/"}, {"strip_prefix", true}, {"credential", "changed"}}}}});
    way.hang_up(kReloaded);
    CHECK(curl({way.proxy->url("/api/v2/users")}).status == 200);
    CHECK(curl({way.proxy->url("/b/api/v2/users")}).status == 200);
    return way.sandbox.stats().at("tokens").at("requests").get<int>();
  };
  const int before = write("conversations");
  CHECK(write("analytics") == before + 1);
  way.proxy->end();
}

TEST_CASE("SIGHUP: an access log that was moved away is written anew") {
  const TemporaryDirectory logs;
  const std::string log = logs.path("access.log");
  Configured way({"--access-log", log});
  curl({way.proxy->url("/api/v2/users?pageSize=1")});
  std::filesystem::rename(log, log + ".1");
  way.hang_up(kReloaded);
  curl({way.proxy->url("/api/v2/users?pageSize=2")});
  curl({way.proxy->url("/api/v2/users?pageSize=3")});
  way.proxy->end();
  // The line of the first request may come after its answer, and after the reload.
  const auto before = std::ranges::count(content(log + ".1"), '\n');
  const auto after = std::ranges::count(content(log), '\n');
  CHECK(after >= 2);
  CHECK(before + after == 3);
}

TEST_CASE("SIGUSR1: an access log that was moved away is written anew, and SIGUSR2 does nothing") {
  const TemporaryDirectory logs;
  const std::string log = logs.path("access.log");
  Configured way({"--access-log", log});
  curl({way.proxy->url("/api/v2/users?pageSize=1")});
  std::filesystem::rename(log, log + ".1");
  way.proxy->program().signal(SIGUSR2);
  way.proxy->program().await_error("SIGUSR2 has no meaning here");
  way.proxy->program().signal(SIGUSR1);
  const auto opened = [&] { return std::filesystem::exists(log); };
  CHECK(eventually(opened));
  curl({way.proxy->url("/api/v2/users?pageSize=2")});
  const std::string said = way.proxy->end();
  CHECK(std::ranges::count(content(log + ".1"), '\n') + std::ranges::count(content(log), '\n') ==
        2);
  CHECK_FALSE(says(said, "configuration was read again"));
}

TEST_CASE("SIGHUP: under load no request is lost") {
  Configured way;
  Program load({"curl", "-sS", "--parallel", "--parallel-max", "8", "--max-time", kCurlPatience,
                "-o", "/dev/null", "-w", "%{http_code}\n",
                way.proxy->url("/api/v2/users?pageSize=1&n=[1-600]")});
  std::string seen = load.read_line();
  for (int i = 0; i < 10; ++i) {
    way.write({{"max_retries", 3 + i % 2}});
    way.hang_up(kReloaded);
  }
  seen += "\n" + load.read_rest();
  CHECK(load.wait() == 0);
  std::istringstream lines(seen);
  int answered = 0;
  for (std::string line; std::getline(lines, line); ++answered) CHECK(line == "200");
  CHECK(answered == 600);
  way.proxy->end();
}
