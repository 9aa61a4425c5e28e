// Unix sockets as listeners, with curl's --unix-socket.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "tests/support/raw_message.h"
#include "tests/support/raw_socket.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;
namespace fs = std::filesystem;

namespace {

/// A proxy that listens on a path, beside its port, and what it needs.
struct AcceptLoop {
  Proxy open(const Strings& flags = {}) const {
    return Proxy(sandbox, Strings{"--listen", "unix:" + path} + flags);
  }
  /// One that does not get as far as to listen, or only in `folder`.
  Finished fail_to_open(const std::string& where, const Strings& launcher = {}) const {
    return run(
        launcher + proxy_command(Strings{"--listen", "unix:" + where, "--upstream", sandbox.url()} +
                                 credential_of(sandbox)),
        kSandboxSecret);
  }
  Reply ask(const Strings& how = {}) const {
    return curl(how + Strings{"--unix-socket", path, "http://localhost/echo"});
  }
  unsigned mode() const {
    struct stat file {};
    REQUIRE(lstat(path.c_str(), &file) == 0);
    REQUIRE(S_ISSOCK(file.st_mode));
    return file.st_mode & 07777;
  }

  const Sandbox sandbox;
  const TemporaryDirectory folder;
  const std::string path = folder.path("http.sock");
};

/// Root writes where it may not, unless that right is taken from it.
Strings bound_by_modes() {
  if (geteuid() != 0) return {};
  return {"setpriv", "--bounding-set", "-dac_override,-dac_read_search"};
}

}  // namespace

TEST_CASE_FIXTURE(AcceptLoop,
                  "a unix socket is served, is its owner's alone, and is gone at the end") {
  Proxy proxy = open();
  CHECK(proxy.program().read_line() == "listening on unix:" + path);
  CHECK(mode() == 0600);
  CHECK(ask().status == 200);
  CHECK(curl({proxy.url("/echo")}).status == 200);  // and the port beside it
  proxy.end();
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE_FIXTURE(AcceptLoop,
                  "a unix socket has the mode that is asked for, whatever the umask says") {
  const mode_t before = umask(0077);
  const Proxy proxy = open({"--socket-mode", "0666"});
  umask(before);
  CHECK(mode() == 0666);
}

TEST_CASE_FIXTURE(AcceptLoop, "a client that ends its sending after its request gets the answer") {
  Proxy proxy = open();
  for (const char* fields : {"", "Connection: close\r\n"}) {
    RawSocket by_path = RawSocket::connect_to_path(path);
    RawSocket by_port = RawSocket::connect(proxy.port());
    for (RawSocket* client : {&by_path, &by_port}) {
      client->send(get("/echo", fields));
      client->half_close();
      CHECK(read_message(*client).status() == 200);
      CHECK(client->read_to_end().empty());
    }
  }
}

TEST_CASE_FIXTURE(AcceptLoop, "the socket of one that was killed is replaced") {
  {
    Proxy killed = open();
    killed.program().signal(SIGKILL);
    CHECK(killed.program().wait() == 128 + SIGKILL);
  }
  REQUIRE(fs::exists(path));
  CHECK(ask().exit_status == 7);  // nobody there
  const Proxy proxy = open();
  CHECK(ask().status == 200);
}

TEST_CASE_FIXTURE(AcceptLoop, "the socket of one that lives is never taken over") {
  Proxy first = open();
  const Finished second = fail_to_open(path);
  CHECK(second.status == 1);
  CHECK(says(second.err, "cannot listen on unix:" + path + ": another program listens there"));
  CHECK(says(second.err, "choose another path"));
  CHECK(ask().status == 200);
  first.end();
}

TEST_CASE_FIXTURE(AcceptLoop, "a file that is no socket is left where it is") {
  folder.write("http.sock", "precious");
  const Finished finished = fail_to_open(path);
  CHECK(finished.status == 1);
  CHECK(says(finished.err, "a file that is no socket is in the way"));
  CHECK(fs::file_size(path) == 8);
}

TEST_CASE_FIXTURE(AcceptLoop, "what took the socket's place meanwhile is not removed at the end") {
  Proxy proxy = open();
  folder.write("http.sock", "another's");
  proxy.end();
  CHECK(fs::exists(path));
}

TEST_CASE_FIXTURE(AcceptLoop,
                  "only the users that are named are served, by the peer's credentials") {
  const std::string me = std::to_string(geteuid());
  const std::string another = std::to_string(geteuid() + 1);
  {
    const Proxy proxy = open({"--allow-uid", another, "--allow-uid", me});
    CHECK(ask().status == 200);
  }
  Proxy proxy = open({"--allow-uid", another});
  const Reply refused = ask();
  CHECK(refused.exit_status != 0);
  CHECK(refused.status == 0);
  CHECK(says(proxy.program().await_error("a client was refused"), "uid=" + me));
  proxy.end();
}

TEST_CASE_FIXTURE(AcceptLoop, "another user is served who is named, and no further one") {
  if (geteuid() != 0) {
    MESSAGE("skipped: only root can run curl as other users");
    return;
  }
  fs::permissions(fs::path(path).parent_path(), fs::perms(0711));
  const Proxy proxy = open({"--socket-mode", "0666", "--allow-uid", "65534"});
  const auto ask_as = [&](const std::string& uid) {
    return run({"setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "curl", "--disable",
                "--silent", "--max-time", kCurlPatience, "--unix-socket", path, "--output",
                "/dev/null", "--write-out", "%{http_code}", "http://localhost/echo"});
  };
  CHECK(ask_as("65534").out == "200");
  CHECK(ask_as("65533").out == "000");
  CHECK(ask_as("0").out == "000");
}

TEST_CASE_FIXTURE(AcceptLoop, "a reload that takes a user away ends his connections") {
  const std::string me = std::to_string(geteuid());
  const std::string another = std::to_string(geteuid() + 1);
  const auto allow = [&](const std::string& uids) {
    return folder.write("c.json", "{\"allow_uid\": [" + uids + "]}");
  };
  Proxy proxy = open({"--config", allow("\"" + me + "\", \"" + another + "\"")});
  RawSocket client = RawSocket::connect_to_path(path);
  CHECK(bearer::test::ask(client, get("/echo")).status() == 200);
  allow("\"" + another + "\"");
  proxy.program().signal(SIGHUP);
  proxy.program().await_error("the configuration was read again");
  CHECK(client.await_end() == RawSocket::End::closed);
  CHECK(says(proxy.program().await_error("a client was refused"), "uid=" + me));
  proxy.end();
}

TEST_CASE_FIXTURE(AcceptLoop,
                  "a reload that takes a user away shuts him out of the admin socket too") {
  const std::string admin = folder.path("admin.sock");
  const auto allow = [&](unsigned uid) {
    return folder.write("c.json", "{\"allow_uid\": " + std::to_string(uid) + "}");
  };
  Proxy proxy = open({"--config", allow(geteuid()), "--admin", "unix:" + admin});
  RawSocket client = RawSocket::connect_to_path(admin);
  CHECK(bearer::test::ask(client, get("/status")).status() == 200);
  allow(geteuid() + 1);
  proxy.program().signal(SIGHUP);
  proxy.program().await_error("the configuration was read again");
  CHECK(client.await_end() == RawSocket::End::closed);
  CHECK(curl({"--unix-socket", admin, "http://localhost/healthz"}).exit_status != 0);
  allow(geteuid());
  proxy.program().signal(SIGHUP);
  proxy.program().await_error("the configuration was read again", 2);
  RawSocket again = RawSocket::connect_to_path(admin);
  CHECK(bearer::test::ask(again, get("/status")).status() == 200);
  proxy.end();
}

TEST_CASE_FIXTURE(AcceptLoop, "a path that no unix socket can have is a configuration error") {
  const Finished finished = fail_to_open(folder.path(std::string(108, 'x')));
  CHECK(finished.status == 2);
  CHECK(says(finished.err, "listen"));
  CHECK(says(finished.err, "a path of more than 107 bytes"));
}

TEST_CASE_FIXTURE(AcceptLoop,
                  "a folder that is not there, or without rights, is said with the mend") {
  const Finished absent = fail_to_open(folder.path("none/http.sock"));
  CHECK(absent.status == 1);
  CHECK(says(absent.err, "No such file or directory; make its folder first"));

  const fs::path closed = folder.path("closed");
  fs::create_directory(closed);
  fs::permissions(closed, fs::perms(0555));
  const Finished forbidden = fail_to_open(closed / "http.sock", bound_by_modes());
  CHECK(forbidden.status == 1);
  CHECK(says(forbidden.err, "Permission denied; this user may not write to its folder"));
  CHECK(fs::is_empty(closed));
}
