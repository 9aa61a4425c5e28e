// What the program is started in: closed streams, few descriptors, signals at the wrong moment.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string_view>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/reserved_port.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;

namespace {

/// The command in the place of a shell that has done `first`, with those redirections.
Strings in_shell(const std::string& first, const std::string& redirections,
                 const Strings& command) {
  return Strings{"sh", "-c", first + "exec \"$0\" \"$@\" " + redirections} + command;
}

/// Until all that was written into the pipe has been read.
void await_drained(int pipe) {
  const bool drained = eventually([pipe] {
    int bytes = 0;
    REQUIRE(ioctl(pipe, FIONREAD, &bytes) == 0);
    return bytes == 0;
  });
  REQUIRE(drained);
}

/// `GET target` on a fresh connection, unanswered as yet.
RawSocket ask_for(std::uint16_t port, std::string_view target) {
  RawSocket client = RawSocket::connect(port);
  client.send(get(target));
  return client;
}

}  // namespace

TEST_CASE("with a closed standard stream it serves, and no connection takes the stream's place") {
  const Sandbox sandbox;
  const TemporaryDirectory directory;
  const std::string path = directory.path("http.sock");
  for (const char* closed : {"<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-"}) {
    CAPTURE(closed);
    Program proxy(
        in_shell("", closed,
                 proxy_command(Strings{"--listen", "unix:" + path, "--upstream", sandbox.url(),
                                       "--log-level", "debug", "--access-log", "-"} +
                               credential_of(sandbox))),
        kSandboxSecret);
    if (says(closed, ">&-") && !says(closed, "2>&-")) {
      proxy.await_error("token fetched");  // by then it listens
    } else {
      CHECK(proxy.read_line() == "listening on unix:" + path);
    }
    for (int i = 0; i < 3; ++i) {
      const Reply reply = curl({"--unix-socket", path, "http://localhost/echo"});
      CHECK(reply.status == 200);
      CHECK(nlohmann::json::parse(reply.body).contains("fields"));
    }
    proxy.signal(SIGTERM);
    CHECK(proxy.wait() == 0);
  }
}

TEST_CASE("with few descriptors, every client that is taken may have its request at the upstream") {
  constexpr int kDescriptors = 100, kClients = 18;
  const Sandbox tokens;
  Upstream upstream;
  Program proxy(
      in_shell("ulimit -n " + std::to_string(kDescriptors) + "; ", "",
               proxy_command(Strings{"--listen", "127.0.0.1:0", "--upstream", upstream.origin()} +
                             credential_of(tokens))),
      kSandboxSecret);
  const std::string line = proxy.read_line();
  REQUIRE(line.starts_with("listening on http://127.0.0.1:"));
  const auto port = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
  CHECK(says(proxy.await_error("fewer clients than --max-connections are taken"),
             "descriptors=100 clients=18"));

  std::vector<RawSocket> clients;
  clients.push_back(ask_for(port, "/"));
  RawSocket first = upstream.take_request();
  first.send(answer("200 OK"));
  CHECK(read_message(clients.front()).status() == 200);
  clients.front().send(get("/at-once"));
  // Each has asked before the next one comes: whoever were idle would make room for it.
  while (clients.size() < 2 * kClients) clients.push_back(ask_for(port, "/at-once"));
  std::vector<RawSocket> at_upstream;
  at_upstream.push_back(std::move(first));
  read_message(at_upstream.front());
  while (at_upstream.size() < kClients) at_upstream.push_back(upstream.take_request());
  for (RawSocket& socket : at_upstream) socket.send(answer("200 OK"));
  for (std::size_t i = 0; i < kClients; ++i) CHECK(read_message(clients[i]).status() == 200);
}

#if !defined(__SANITIZE_ADDRESS__)  // beside which UBSan needs descriptors to look at an object
TEST_CASE("a connection for which there is no descriptor left is told from one that is refused") {
  const Sandbox tokens;
  const ReservedPort nobody;
  Proxy proxy(nobody.origin(), tokens, {"--max-retries", "0"});
  RawSocket client = RawSocket::connect(proxy.port());
  const auto ask = [&client] {
    client.send(get("/"));
    return read_message(client);
  };
  const RawMessage refused = ask();
  CHECK(refused.status() == 502);
  CHECK_FALSE(says(refused.body, "ulimit -n"));
  // Those that are open stay; none comes to them.
  rlimit none{};
  REQUIRE(prlimit(proxy.pid(), RLIMIT_NOFILE, nullptr, &none) == 0);
  none.rlim_cur = 0;
  REQUIRE(prlimit(proxy.pid(), RLIMIT_NOFILE, &none, nullptr) == 0);
  const RawMessage without = ask();
  CHECK(without.status() == 503);
  CHECK(says(without.fields, "error=connection_limit_reached"));
  CHECK(says(without.body,
             "Too many open files here): raise the limit (ulimit -n), or lower --max-connections"));
}
#endif

#if !defined(__SANITIZE_THREAD__)  // which cannot start where such a stack moves all mappings
TEST_CASE("where no thread can be made, that is what is said") {
  const Sandbox sandbox;
  // Threads' stacks are as large as the limit on the first one's, and this is more than there is of
  // addresses.
  const std::string no_threads = "ulimit -Ss 200000000000; ";
  for (const char* command : {"serve", "token"}) {
    CAPTURE(command);
    const Finished finished = run(in_shell(no_threads, "",
                                           proxy_command(Strings{command, "--listen", "127.0.0.1:0",
                                                                 "--upstream", sandbox.url()} +
                                                         credential_of(sandbox))),
                                  kSandboxSecret);
    CHECK(finished.status == 1);
    CHECK(says(finished.err, "bearer-proxy: no further thread can be made ("));
  }
}
#endif

TEST_CASE("a signal to end that comes before it listens is a clean end") {
  const TemporaryDirectory directory;
  const std::string config = directory.path("config");
  REQUIRE(mkfifo(config.c_str(), 0600) == 0);
  const Descriptor pipe(open(config.c_str(), O_RDWR | O_CLOEXEC));
  for (const int number : {SIGTERM, SIGINT}) {
    CAPTURE(number);
    REQUIRE(write(pipe.get(), "{", 1) == 1);
    Program proxy(proxy_command({"--config", config}));
    await_drained(pipe.get());  // it reads, and will read on
    proxy.signal(number);
    CHECK(proxy.wait() == 0);
  }
  // Of another command it is none.
  REQUIRE(write(pipe.get(), "{", 1) == 1);
  Program token(proxy_command({"token", "--config", config}));
  await_drained(pipe.get());
  token.signal(SIGTERM);
  CHECK(token.wait() == 128 + SIGTERM);
}

// OpenSSL reads its configuration at its first use, which would take a quarter of a start's time.
TEST_CASE("where no TLS is spoken, the first answer does not wait for OpenSSL") {
  const Sandbox sandbox;
  const TemporaryDirectory directory;
  const std::string never_written = directory.path("openssl.cnf");
  REQUIRE(mkfifo(never_written.c_str(), 0600) == 0);
  const Proxy proxy(Strings{"--upstream", sandbox.url()} + credential_of(sandbox),
                    kSandboxSecret + Strings{"OPENSSL_CONF=" + never_written});
  CHECK(curl({proxy.url("/echo")}).status == 200);
}
