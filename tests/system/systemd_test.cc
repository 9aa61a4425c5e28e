// Under a service manager: sd_notify, its watchdog, and sockets that it opened.
#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "net/listener.h"
#include "tests/support/notify_socket.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;

namespace {

/// A shell is needed to know the process's id before it starts.
Strings activated(const Strings& command) {
  return Strings{"sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh"} + command;
}

Strings serve_of(const Sandbox& sandbox, const Strings& flags = {}) {
  return proxy_command(
      Strings{"--upstream", sandbox.url(), "--listen", "127.0.0.1:0", "--admin", "off"} +
      credential_of(sandbox) + flags);
}

/// The environment of a program that is passed one socket, under this name.
Strings one_socket(const std::string& name = "web") {
  return kSandboxSecret + Strings{"LISTEN_FDS=1", "LISTEN_FDNAMES=" + name};
}

/// What is said when that socket is a pipe; it is the end.
std::string said_of_pipe(const std::string& name) {
  const Sandbox sandbox;
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const Descriptor read_end(ends[0]), write_end(ends[1]);
  Program proxy(activated(serve_of(sandbox)), one_socket(name), {read_end.get()});
  CHECK(proxy.wait() == 1);
  return proxy.errors();
}

}  // namespace

TEST_CASE("the service manager is told of each stage, and how the token is") {
  const Sandbox sandbox;
  const TemporaryDirectory directory;
  NotifySocket socket(directory.path("notify"));
  Program proxy(serve_of(sandbox), kSandboxSecret + Strings{"NOTIFY_SOCKET=" + socket.path()});
  socket.await("READY=1");
  CHECK(says(socket.await("STATUS=default: token until 2"), "Z"));

  proxy.signal(SIGHUP);
  socket.await("RELOADING=1\nMONOTONIC_USEC=");
  socket.await("READY=1");
  proxy.signal(SIGTERM);
  socket.await("STOPPING=1");
  CHECK(proxy.wait() == 0);
}

TEST_CASE("a service manager that stops reading keeps neither SIGHUP nor SIGTERM from the proxy") {
  const Sandbox sandbox;
  const TemporaryDirectory directory;
  NotifySocket socket(directory.path("notify"));
  Program proxy(serve_of(sandbox), kSandboxSecret + Strings{"NOTIFY_SOCKET=" + socket.path()});
  socket.await("READY=1");
  socket.await("STATUS=default: token until");
  socket.fill();
  proxy.signal(SIGHUP);
  proxy.await_error("the configuration was read again");
  proxy.signal(SIGTERM);
  CHECK(proxy.wait() == 0);
  CHECK(says(proxy.errors(), "the service manager could not be told"));
  CHECK(says(proxy.errors(), "STOPPING=1"));
}

TEST_CASE("ready is said once the proxy listens, also while there is no token") {
  const Sandbox sandbox;
  Upstream silent;
  const TemporaryDirectory directory;
  NotifySocket socket(directory.path("notify"));
  Program proxy(proxy_command({"--upstream", sandbox.url(), "--listen", "127.0.0.1:0", "--admin",
                               "off", "--token-url", silent.origin(), "--client-id", "a"}),
                kSandboxSecret + Strings{"NOTIFY_SOCKET=" + socket.path()});
  const RawSocket asked = silent.take_request();
  CHECK(socket.await("STATUS=").starts_with("STATUS=default: no token"));
  socket.await("READY=1");
}

TEST_CASE("the watchdog is fed while the event loops turn") {
  const Sandbox sandbox;
  const TemporaryDirectory directory;
  NotifySocket socket(directory.path("notify"));
  Program proxy(serve_of(sandbox, {"--threads", "3"}),
                kSandboxSecret + Strings{"NOTIFY_SOCKET=" + socket.path(), "WATCHDOG_USEC=20000"});
  for (int i = 0; i < 3; ++i) socket.await("WATCHDOG=1");
  proxy.signal(SIGTERM);
  CHECK(proxy.wait() == 0);
}

TEST_CASE("a socket that is passed takes the place of --listen") {
  const Sandbox sandbox;
  const RawListener listener;
  Program proxy(activated(serve_of(sandbox)), one_socket(), {listener.fd()});
  const std::string origin = "http://127.0.0.1:" + std::to_string(listener.port());
  CHECK(proxy.read_line() == "listening on " + origin);
  CHECK(curl({origin + "/api/v2/users"}).status == 200);

  proxy.signal(SIGHUP);
  proxy.await_error("the configuration was read again");
  CHECK_FALSE(says(proxy.errors(), "at the next start only"));
  CHECK(curl({origin + "/api/v2/users"}).status == 200);
  proxy.signal(SIGTERM);
  CHECK(proxy.wait() == 0);
  CHECK(proxy.read_rest() == "");
}

TEST_CASE("sockets that are passed to another process are left alone") {
  const Sandbox sandbox;
  const RawListener listener;
  Program proxy(serve_of(sandbox), one_socket() + Strings{"LISTEN_PID=1"}, {listener.fd()});
  const std::string line = proxy.read_line();
  CHECK(line.starts_with("listening on http://127.0.0.1:"));
  CHECK(line != "listening on http://127.0.0.1:" + std::to_string(listener.port()));
}

TEST_CASE("a socket that is passed and of no use is said with its name") {
  CHECK(said_of_pipe("web") ==
        "bearer-proxy: the socket web that was passed (LISTEN_FDS) is no socket\n");
}

TEST_CASE("a name that comes with a socket cannot steer a terminal") {
  CHECK(said_of_pipe("a\x1b[2J\nb") ==
        "bearer-proxy: the socket a?[2J?b that was passed (LISTEN_FDS) is no socket\n");
}

TEST_CASE("LISTEN_PID alone passes no socket") {
  const Sandbox sandbox;
  Program proxy(activated(serve_of(sandbox)), kSandboxSecret);
  CHECK(proxy.read_line().starts_with("listening on http://127.0.0.1:"));
  proxy.signal(SIGTERM);
  CHECK(proxy.wait() == 0);
}

TEST_CASE("--allow-uid holds on the sockets that are passed, whatever --listen says") {
  const Sandbox sandbox;
  const TemporaryDirectory folder;
  const std::string path = folder.path("http.sock");
  const auto opened = bearer::net::Listener::open(bearer::net::Address{"", 0, path});
  const std::string me = std::to_string(geteuid());
  Program proxy(activated(serve_of(sandbox, {"--allow-uid", me})), one_socket(),
                {opened->front().fd()});
  CHECK(proxy.read_line() == "listening on unix:" + path);
  CHECK(curl({"--unix-socket", path, "http://localhost/echo"}).status == 200);
  proxy.signal(SIGHUP);
  proxy.await_error("the configuration was read again");
  proxy.signal(SIGTERM);
  CHECK(proxy.wait() == 0);

  const RawListener port;
  Program by_port(activated(serve_of(sandbox, {"--listen", "unix:" + folder.path("other.sock"),
                                               "--allow-uid", std::to_string(geteuid() + 1)})),
                  one_socket(), {port.fd()});
  const std::string line = by_port.read_line();
  CHECK(curl({line.substr(line.find("http")) + "/echo"}).status == 0);
  CHECK(says(by_port.await_error("a client was refused"), "uid=" + me));
}

TEST_CASE("a socket that is passed and reached from elsewhere needs --allow-remote") {
  const Sandbox sandbox;
  const Descriptor everywhere(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(listen(everywhere.get(), 1) == 0);  // unbound: 0.0.0.0 and a free port
  Program refused(activated(serve_of(sandbox)), one_socket(), {everywhere.get()});
  CHECK(refused.wait() == 2);
  CHECK(says(refused.errors(), "not a loopback address"));
  CHECK(says(refused.errors(), "--allow-remote"));
  Program allowed(activated(serve_of(sandbox, {"--allow-remote"})), one_socket(),
                  {everywhere.get()});
  const std::string line = allowed.read_line();
  CHECK(line.starts_with("listening on http://0.0.0.0:"));
  CHECK(curl({line.substr(line.find("http")) + "/api/v2/users"}).status == 200);
}

TEST_CASE("the service manager's variables do not reach a token command") {
  const Sandbox sandbox;
  const TemporaryDirectory directory;
  NotifySocket socket(directory.path("notify"));
  const RawListener listener;
  const std::string seen = directory.path("seen");  // by the first of its runs
  Program proxy(
      activated(proxy_command(
          {"--upstream", sandbox.url(), "--admin", "off", "--token-command",
           "sh -c '[ -e " + seen + " ] || env >" + seen + "; ls /proc/self/fd; exit 1'"})),
      {"LISTEN_FDS=1", "NOTIFY_SOCKET=" + socket.path(), "WATCHDOG_USEC=60000000"},
      {listener.fd()});
  proxy.await_error("ended with status 1");
  const std::string environment = run({"cat", seen}).out;
  CHECK(says(environment, "PATH="));
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "LISTEN_FDS", "LISTEN_PID"}) {
    CAPTURE(name);
    CHECK_FALSE(says(environment, name));
  }
}
