// Refresh tokens that rotate, in files as containers get them, and where they cannot be saved.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/support/content.h"
#include "tests/support/message_server.h"
#include "tests/support/raw_message.h"
#include "tests/support/slow_rotation.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;

namespace {

/// A refresh token's file that is mounted by itself, as a container gets it, in a directory of each
/// container's own.
struct Mounted {
  /// `bearer-proxy` with these settings in a container.
  Strings command(const TemporaryDirectory& own, const Strings& settings) const {
    Strings made = ::geteuid() == 0 ? Strings{"unshare", "-m"} : Strings{"unshare", "-rm"};
    return made +
           Strings{"sh", "-c", R"(mount --bind "$0" "$1" && shift && exec "$@")", file,
                   own.write("grant", "")} +
           proxy_command(settings + Strings{"--refresh-token-file", own.path("grant")});
  }
  static bool possible() {
    return run(::geteuid() == 0 ? Strings{"unshare", "-m", "true"}
                                : Strings{"unshare", "-rm", "true"})
               .status == 0;
  }

  TemporaryDirectory host;
  std::string file = host.write("grant", "first\n");
};

}  // namespace

TEST_CASE("a refresh token's file that is mounted by itself is rotated, run after run") {
  if (!Mounted::possible()) {
    MESSAGE("nothing may be mounted here");
    return;
  }
  const Sandbox sandbox({"--refresh-token", "first", "--auth-method", "none"});
  const Mounted mounted;
  const TemporaryDirectory own;
  const Strings settings = {"token",        "--token-url", sandbox.url("/oauth/token"),
                            "--client-id",  "sandbox",     "--grant",
                            "refresh_token"};
  for (int use = 0; use < 3; ++use) {
    const std::string before = content(mounted.file);
    const Finished finished = run(mounted.command(own, settings), {kNoAdminPort});
    CHECK(finished.err == "");
    CHECK(finished.status == 0);
    CHECK(content(mounted.file) != before);
  }
}

TEST_CASE("two containers that mount one refresh token's file spend no refresh token twice") {
  if (!Mounted::possible()) {
    MESSAGE("nothing may be mounted here");
    return;
  }
  const Mounted mounted;
  const TemporaryDirectory one, two;
  SlowRotation endpoint;
  const Strings settings = {"token",       "--token-url", endpoint.url(), "--auth-method", "none",
                            "--client-id", "id",          "--grant",      "refresh_token"};
  Program first(mounted.command(one, settings), {kNoAdminPort});
  CHECK(endpoint.await_request(1).find("refresh_token=first&") != std::string::npos);
  Program second(mounted.command(two, settings), {kNoAdminPort});
  endpoint.let_answer();
  CHECK(first.wait() == 0);
  CHECK(endpoint.await_request(2).find("refresh_token=grant-1&") != std::string::npos);
  CHECK(second.wait() == 0);
  CHECK(content(mounted.file) == "grant-2\n");
}

TEST_CASE("a disk that is full costs no request, and that the refresh token is lost is told") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("grant", "first");
  std::filesystem::create_directory(file + ".new");  // stops root, too
  SlowRotation endpoint;
  endpoint.let_answer();
  const MessageServer upstream([](const RawMessage&) { return answer("200 OK", "{}"); });
  Proxy proxy({"--token-url", endpoint.url(), "--upstream",
               "http://127.0.0.1:" + std::to_string(upstream.port()), "--auth-method", "none",
               "--client-id", "id", "--grant", "refresh_token", "--refresh-token-file", file},
              {kNoAdminPort});
  CHECK(curl({proxy.url("/")}).status == 200);
  const std::string said = proxy.end();
  CHECK(said.find("the new one cannot be saved in refresh_token_file") != std::string::npos);
  CHECK(said.find("was not saved, and is lost now") != std::string::npos);
  CHECK(content(file) == "first");
}
