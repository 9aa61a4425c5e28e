// Users of this machine on ports, told apart by the kernel: curl as other users, where we are root.
#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "tests/support/raw_message.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;

namespace {

const std::string kMe = std::to_string(geteuid());
const std::string kAnother = std::to_string(geteuid() + 4000);

/// Only root can run curl as another user.
bool can_change_user() {
  if (geteuid() == 0) return true;
  MESSAGE("skipped: only root can run curl as other users");
  return false;
}

Strings as_user(const std::string& uid) {
  return {"setpriv", "--reuid", uid, "--regid", uid, "--clear-groups"};
}

/// The status that curl gets as that user, 000 for none.
std::string status_for(const std::string& uid, const std::string& url) {
  return run(as_user(uid) + Strings{"curl", "--disable", "--silent", "--max-time", kCurlPatience,
                                    "--output", "/dev/null", "--write-out", "%{http_code}", url})
      .out;
}

}  // namespace

TEST_CASE("on a port, too, only the users that are named are served") {
  if (!can_change_user()) {
    MESSAGE("skipped: only root may start programs as another user");
    return;
  }
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--allow-uid", "4711", "--allow-uid", "4712"});
  CHECK(status_for("4711", proxy.url("/echo")) == "200");
  CHECK(status_for("4712", proxy.url("/echo")) == "200");
  CHECK(status_for("4713", proxy.url("/echo")) == "000");
  CHECK(says(proxy.program().await_error("a client was refused"), "uid=4713"));
  CHECK(status_for("0", proxy.url("/echo")) == "000");
  proxy.end();
}

TEST_CASE("whoever is not named gets nothing from the admin port") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--admin", "127.0.0.1:0", "--allow-uid", kAnother});
  const Reply refused = curl({proxy.admin_url("/status")});
  CHECK(refused.status == 0);
  CHECK(refused.body.empty());
  CHECK(says(proxy.program().await_error("a client of the admin port was refused"), "uid=" + kMe));
  if (can_change_user()) CHECK(status_for(kAnother, proxy.admin_url("/status")) == "200");
  proxy.end();
}

TEST_CASE("a reload that names users holds for those who are connected") {
  const Sandbox sandbox;
  const TemporaryDirectory folder;
  const std::string config = folder.write("c.json", "{}");
  Proxy proxy(sandbox, {"--config", config, "--admin", "127.0.0.1:0"});
  const auto apply = [&](const std::string& users, int nth) {
    folder.write("c.json", "{\"allow_uid\": " + users + "}");
    proxy.program().signal(SIGHUP);
    proxy.program().await_error("the configuration was read again", nth);
  };
  RawSocket client = RawSocket::connect(proxy.port());
  const std::string admin_url = proxy.admin_url("");
  const std::string admin_port = admin_url.substr(admin_url.rfind(':') + 1);
  RawSocket watcher = RawSocket::connect(static_cast<std::uint16_t>(std::stoul(admin_port)));
  CHECK(ask(client, get("/echo")).status() == 200);
  CHECK(ask(watcher, get("/status")).status() == 200);
  apply("[" + kMe + "]", 1);
  CHECK(ask(client, get("/echo")).status() == 200);
  CHECK(ask(watcher, get("/status")).status() == 200);
  apply("[" + kAnother + "]", 2);
  CHECK(client.await_end() == RawSocket::End::closed);
  CHECK(watcher.await_end() == RawSocket::End::closed);
  apply("\"any\"", 3);
  CHECK(curl({proxy.url("/echo")}).status == 200);
  proxy.end();
}

TEST_CASE("exec serves its own user and root, and nobody else unless that is asked for") {
  if (!can_change_user()) {
    MESSAGE("skipped: only root may start programs as another user");
    return;
  }
  const Sandbox sandbox;
  const std::string ask_as_others =
      "for u in 4711 0 4712; do setpriv --reuid $u --regid $u --clear-groups curl --disable -s -o "
      "/dev/null -w '%{http_code} ' $BEARER_PROXY_URL/echo; done";
  const auto exec = [&](const Strings& launcher, const Strings& flags) {
    return run(launcher + proxy_command(Strings{"exec", "--upstream", sandbox.url()} +
                                        credential_of(sandbox) + flags +
                                        Strings{"--", "sh", "-c", ask_as_others}),
               kSandboxSecret);
  };
  const Finished ours = exec({}, {});
  CHECK(ours.out == "000 200 000 ");
  CHECK(says(ours.err, "(uid=4711); see --allow-uid"));
  CHECK(exec({}, {"--allow-uid", "any"}).out == "200 200 200 ");
  CHECK(exec({}, {"--allow-uid", "4712"}).out == "000 000 200 ");
}

TEST_CASE("exec of a user who is not root serves that user") {
  const Sandbox sandbox;
  Strings launcher;
  if (geteuid() == 0) launcher = as_user("4711");
  const Finished ran =
      run(launcher +
              proxy_command(Strings{"exec", "--upstream", sandbox.url()} + credential_of(sandbox) +
                            Strings{"--", "sh", "-c",
                                    "curl -s -o /dev/null -w "
                                    "'%{http_code}' $BEARER_PROXY_URL/echo"}),
          kSandboxSecret);
  CHECK(ran.out == "200");
}
