// A secret that comes out of a pipe, as a shell's <(...) makes one.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "tests/support/eventually.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;

namespace {

/// The command, with a secret's file out of which comes what `script` prints.
Strings with_secret_of(const std::string& script, const Strings& command) {
  return Strings{"bash", "-c", "exec \"$0\" \"$@\" --client-secret-file <(" + script + ")"} +
         command;
}

constexpr const char* kSlowly = "sleep 0.3; printf sandbox-; sleep 0.1; echo secret";

}  // namespace

TEST_CASE("a secret of a slow command in <(...) is waited for") {
  const Sandbox sandbox;
  const Finished finished =
      run(with_secret_of(kSlowly, proxy_command(Strings{"token"} + credential_of(sandbox))));
  CHECK(finished.err == "");
  CHECK(finished.status == 0);
  CHECK(finished.out.size() > 10);
}

TEST_CASE("a command in <(...) that fails is named as the trouble") {
  const Sandbox sandbox;
  const Finished finished =
      run(with_secret_of("exit 1", proxy_command(Strings{"token"} + credential_of(sandbox))));
  CHECK(finished.status == 3);
  CHECK(says(finished.err, "is a pipe that was closed with nothing in it"));
  CHECK(says(finished.err, "check client_secret_file"));
}

TEST_CASE("serve goes on with the secret of a pipe, and says that no other comes out of it") {
  const Sandbox sandbox;
  Program proxy(with_secret_of(kSlowly, proxy_command(Strings{"--listen", "127.0.0.1:0",
                                                              "--upstream", sandbox.url()} +
                                                      credential_of(sandbox))),
                {kNoAdminPort});
  const std::string line = proxy.read_line();
  REQUIRE(line.starts_with("listening on http://127.0.0.1:"));
  CHECK(says(proxy.await_error("a pipe, which can be read once"), "client_secret_file"));
  proxy.await_error("token fetched");
  sandbox.revoke();
  CHECK(curl({line.substr(line.find("http")) + "/api/v2/users"}).status == 200);
  proxy.await_error("token fetched", 2);
  proxy.signal(SIGHUP);
  proxy.await_error("token fetched", 3);
  proxy.signal(SIGTERM);
  CHECK(proxy.wait() == 0);
}

TEST_CASE("a pipe that outlasts --token-wait is named, and not the token endpoint") {
  const TemporaryDirectory directory;
  const std::string path = directory.path("pipe");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const Descriptor pipe(open(path.c_str(), O_RDWR | O_CLOEXEC));
  const auto settings = [&path](const std::string& token_wait) {
    return Strings{
        "--upstream", "http://127.0.0.1:1",   "--token-url", "http://127.0.0.1:1", "--client-id",
        "a",          "--client-secret-file", path,          "--token-wait",       token_wait};
  };
  const Finished token = run(proxy_command(Strings{"token"} + settings("300ms")), {kNoAdminPort});
  CHECK(token.status == 3);
  CHECK(
      says(token.err, path + " is a pipe that is no longer waited for: check client_secret_file"));
  // Long enough for it to begin to read, before it tells how long ago that was.
  const Finished exec =
      run(proxy_command(Strings{"exec"} + settings("3s") + Strings{"--", "echo", "ran"}),
          {kNoAdminPort});
  CHECK(exec.status == 3);
  CHECK(exec.out == "");
  CHECK(says(exec.err,
             " ago, and the pipe out of which its secret comes is still open: see what "
             "writes there"));
}

TEST_CASE("a signal ends token while it waits for a secret's pipe") {
  const TemporaryDirectory directory;
  const std::string path = directory.path("pipe");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const Descriptor pipe(open(path.c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(write(pipe.get(), "s", 1) == 1);
  Program token(proxy_command({"token", "--token-url", "http://127.0.0.1:1", "--client-id", "a",
                               "--client-secret-file", path}));
  const bool read = eventually([&pipe] {
    int bytes = 0;
    REQUIRE(ioctl(pipe.get(), FIONREAD, &bytes) == 0);
    return bytes == 0;
  });
  REQUIRE(read);
  token.signal(SIGTERM);
  CHECK(token.wait() == 128 + SIGTERM);
}
