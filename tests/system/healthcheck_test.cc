// `healthcheck`, against an admin port that answers what the test wants.
#include <doctest/doctest.h>

#include "tests/support/eventually.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;

namespace {

Strings ask(const Upstream& admin, const Strings& more = {}) {
  return proxy_command(Strings{"healthcheck", "--admin", admin.origin().substr(7)} + more);
}

}  // namespace

TEST_CASE("healthcheck is fine, and silent, when the proxy is ready") {
  Upstream admin;
  Program check(ask(admin));
  RawSocket asked = admin.accept();
  const std::string head = asked.read_until("\r\n\r\n");
  CHECK(head.starts_with("GET /readyz HTTP/1."));
  CHECK(says(head, "\r\nHost: " + admin.origin().substr(7) + "\r\n"));
  asked.send(answer("200 OK", "ready\n"));
  asked.close();
  CHECK(check.wait() == 0);
  CHECK(check.errors() == "");
  CHECK(check.read_rest() == "");
}

TEST_CASE("healthcheck says why the proxy is not ready, and ends with 1") {
  Upstream admin;
  Program check(ask(admin));
  RawSocket asked = admin.take_request();
  asked.send(answer("503 Service Unavailable", "no token yet\x1b\n"));
  asked.close();
  CHECK(check.wait() == 1);
  CHECK(check.errors() ==
        "bearer-proxy: not ready (" + admin.origin().substr(7) + "): 503 no token yet?\n");
}

TEST_CASE("healthcheck --live asks whether the proxy lives, and needs no token for it") {
  Upstream admin;
  Program check(ask(admin, {"--live"}));
  RawSocket asked = admin.accept();
  CHECK(asked.read_until("\r\n\r\n").starts_with("GET /healthz HTTP/1."));
  asked.send(answer("503 Service Unavailable", "an event loop hangs\n"));
  asked.close();
  CHECK(check.wait() == 1);
  CHECK(check.errors() ==
        "bearer-proxy: not alive (" + admin.origin().substr(7) + "): 503 an event loop hangs\n");

  const Sandbox sandbox;
  Proxy proxy({"--upstream", sandbox.url(), "--token-file", "/dev/null", "--admin", "127.0.0.1:0"});
  const std::string url = proxy.admin_url("");
  const std::string address = url.substr(url.find("//") + 2);
  CHECK(run(proxy_command({"healthcheck", "--admin", address})).status == 1);
  CHECK(eventually([&] {  // a machine that stands still for a moment may find no loop alive
    return run(proxy_command({"healthcheck", "--admin", address, "--live"})).status == 0;
  }));
}

TEST_CASE("healthcheck says when nobody is there, or somebody else") {
  const Finished absent = run(proxy_command({"healthcheck", "--admin", "127.0.0.1:1"}));
  CHECK(absent.status == 1);
  CHECK(absent.err == "bearer-proxy: not ready (127.0.0.1:1): Connection refused\n");
  const TemporaryDirectory directory;
  CHECK(says(run(proxy_command({"healthcheck", "--admin", "unix:" + directory.path("none")})).err,
             "No such file or directory"));

  Upstream stranger;
  Program check(ask(stranger));
  RawSocket asked = stranger.take_request();
  asked.send("SSH-2.0-OpenSSH_9.2\r\n");
  asked.close();
  CHECK(check.wait() == 1);
  CHECK(says(check.errors(), "it may be another program"));
}

TEST_CASE("healthcheck --wait asks until the proxy is ready") {
  Upstream admin;
  Program check(ask(admin, {"--wait", "1h"}));
  for (int i = 0; i < 3; ++i) {
    RawSocket asked = admin.take_request();
    asked.send(answer("503 Service Unavailable", "not yet\n"));
  }
  admin.take_request().send(answer("200 OK", "ready\n"));
  CHECK(check.wait() == 0);
  CHECK(check.errors() == "");
}

TEST_CASE("healthcheck --wait gives up in time, also where nobody answers") {
  const auto check_late = [](const std::string& port) {
    const Finished late =
        run(proxy_command({"healthcheck", "--admin", "127.0.0.1:" + port, "--wait", "50ms"}));
    CHECK(late.status == 1);
    CHECK(late.err == "bearer-proxy: not ready (127.0.0.1:" + port + "): no answer within 50 ms\n");
  };
  Upstream silent;
  check_late(silent.origin().substr(17));
  RawListener full(0);  // of whose queue the first one has the only place
  const RawSocket first = RawSocket::connect(full.port());
  check_late(std::to_string(full.port()));
  CHECK(run(proxy_command({"healthcheck", "--admin", "127.0.0.1:1", "--wait", "50ms"})).status ==
        1);
}
