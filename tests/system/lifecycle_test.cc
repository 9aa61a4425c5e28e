// From the first listening line to the exit status.
#include <doctest/doctest.h>
#include <netdb.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>

#include "tests/support/eventually.h"
#include "tests/support/h2_frames.h"
#include "tests/support/said.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;

namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

AddressList look_up(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  getaddrinfo(name.c_str(), nullptr, &hints, &found);
  return {found, freeaddrinfo};
}

/// This machine can listen there.
bool has_address(const std::string& address) {
  const AddressList parsed = look_up(address);
  const Descriptor probe(socket(parsed->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return bind(probe.get(), parsed->ai_addr, parsed->ai_addrlen) == 0;
}

bool is_localhost(const std::string& address) {
  const AddressList wanted = look_up(address);
  const AddressList found = look_up("localhost");
  for (const addrinfo* one = found.get(); one != nullptr; one = one->ai_next) {
    if (one->ai_addrlen == wanted->ai_addrlen &&
        std::memcmp(one->ai_addr, wanted->ai_addr, one->ai_addrlen) == 0) {
      return true;
    }
  }
  return false;
}

/// One request that is at the upstream, and waits for its answer.
struct InFlight {
  explicit InFlight(const Strings& flags = {}) : proxy(upstream.origin(), tokens, flags) {}

  /// Sends the signal, and returns when it has begun to end what idles.
  void begin_drain(int number) {
    proxy.program().signal(number);
    CHECK(idle.await_end() == RawSocket::End::closed);
  }

  Sandbox tokens;
  Upstream upstream;
  Proxy proxy;
  Client client{{proxy.url("/slow")}};
  RawSocket request = upstream.take_request();
  RawSocket idle = RawSocket::connect(proxy.port());
};

}  // namespace

TEST_CASE("what is in flight is finished before the end, which is clean") {
  for (const int number : {SIGTERM, SIGINT, SIGQUIT}) {
    CAPTURE(number);
    InFlight way;
    way.begin_drain(number);
    way.request.send(answer("200 OK", "whole"));
    const Reply reply = way.client.reply();
    CHECK(reply.status == 200);
    CHECK(reply.body == "whole");
    CHECK(reply.field("Connection") == "close");
    CHECK(way.proxy.program().wait() == 0);
  }
}

TEST_CASE("no new client is taken while draining") {
  InFlight way;
  way.begin_drain(SIGTERM);
  way.request.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  // Its port is closed a moment after the clients that idle are: 7 is curl's for no connection.
  CHECK(eventually([&] { return curl({way.proxy.url("/late")}).exit_status == 7; }));
  way.request.send(chunk("whole") + chunk(""));
  CHECK(way.client.reply().body == "whole");
  CHECK(way.proxy.program().wait() == 0);
}

TEST_CASE("what does not end within the drain's time is cut, which is not clean") {
  InFlight way({"--drain-timeout", "50ms"});
  way.proxy.program().signal(SIGTERM);
  CHECK(way.proxy.program().wait() == 1);
  CHECK(
      says(way.proxy.program().errors(), "some requests were cut; see --drain-timeout requests=1"));
  CHECK(way.client.reply().status == 0);
}

TEST_CASE("a stream that waits for a place when the drain's time is up is told so") {
  const Sandbox tokens;
  Upstream upstream;
  Proxy proxy(upstream.origin(), tokens, {"--max-connections", "1", "--drain-timeout", "50ms"});
  RawSocket client = RawSocket::connect(proxy.port());
  client.send(h2::hello() + h2::head(1, h2::request("GET", "/slow")) +
              h2::head(3, h2::request("GET", "/waits")) +
              h2::head(5, h2::request("POST", "/pkg.Echo/Say",
                                      {{"content-type", "application/grpc"}, {"te", "trailers"}})));
  const RawSocket sent = upstream.take_request();
  proxy.program().signal(SIGTERM);
  H2Reader reader;
  while (!reader.stream(3).ended || !reader.stream(5).ended) reader.feed(client.read_bytes(1));
  CHECK(reader.stream(3).status() == "503");
  CHECK(says(reader.stream(3).value("proxy-status"), "bearer-proxy; error="));
  CHECK_FALSE(reader.stream(3).value("x-request-id").empty());
  CHECK(reader.stream(5).status() == "200");
  CHECK(reader.stream(5).value("grpc-status") == "14");  // UNAVAILABLE
  CHECK_FALSE(reader.stream(1).ended);
  CHECK(proxy.program().wait() == 1);
  CHECK(says(proxy.program().errors(), "some requests were cut; see --drain-timeout requests=1"));
}

TEST_CASE("a signal that means nothing to it leaves it hearing the others") {
  const Sandbox sandbox;
  Proxy proxy(Strings{"--upstream", sandbox.url()} + credential_of(sandbox), kSandboxSecret);
  proxy.program().signal(SIGRTMIN);
  CHECK(curl({proxy.url("/api/v2/users")}).status == 200);
  proxy.program().signal(SIGTERM);
  CHECK(proxy.program().wait() == 0);
}

TEST_CASE("a second signal ends it at once, which is not clean") {
  const std::pair<int, int> cases[] = {{SIGTERM, SIGTERM}, {SIGINT, SIGINT}, {SIGINT, SIGTERM}};
  for (const auto& [first, second] : cases) {
    CAPTURE(first);
    CAPTURE(second);
    InFlight way({"--drain-timeout", "1h"});
    way.begin_drain(first);
    // One that comes at once is taken for the first, said twice.
    CHECK(eventually([&] {
      way.proxy.program().signal(second);
      return says(way.proxy.program().errors(), "were cut by the second signal");
    }));
    CHECK(way.proxy.program().wait() == 1);
    CHECK_FALSE(says(way.proxy.program().errors(), "--drain-timeout"));
  }
}

TEST_CASE("two signals at once, as of timeout(1), are one, and what is in flight is finished") {
  InFlight way;
  way.proxy.program().signal(SIGSTOP);  // so that it finds both
  REQUIRE(eventually([&] {
    siginfo_t stopped{};  // told of once its last thread stands still
    waitid(P_PID, static_cast<id_t>(way.proxy.pid()), &stopped, WSTOPPED | WNOHANG);
    return stopped.si_pid != 0;
  }));
  for (const int number : {SIGTERM, SIGINT, SIGCONT}) way.proxy.program().signal(number);
  CHECK(way.idle.await_end() == RawSocket::End::closed);
  way.request.send(answer("200 OK", "whole"));
  CHECK(way.client.reply().body == "whole");
  CHECK(way.proxy.program().wait() == 0);
}

TEST_CASE("clients that idle do not hold up the end") {
  const Sandbox sandbox;
  Proxy proxy(sandbox);
  RawSocket idle = RawSocket::connect(proxy.port());
  CHECK(ask(idle, get("/echo")).status() == 200);
  proxy.end();
  CHECK(idle.await_end() == RawSocket::End::closed);
}

TEST_CASE("a port that is taken is said with the mend, and ends with 1") {
  const Sandbox sandbox;
  const Proxy first(sandbox);
  const Finished second =
      run(proxy_command(Strings{"--listen", first.authority(), "--upstream", sandbox.url()} +
                        credential_of(sandbox)),
          kSandboxSecret);
  CHECK(second.status == 1);
  CHECK(second.out == "");
  CHECK(says(second.err, "cannot listen on " + first.authority() + ": Address already in use"));
  CHECK(says(second.err, "name another address with --listen"));
  CHECK_FALSE(says(second.err, "--admin"));
}

TEST_CASE("each address gets a line, and each port 0 a port of its own") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--listen", "127.0.0.2:0"});
  const std::string second = proxy.program().read_line();
  REQUIRE(second.starts_with("listening on http://127.0.0.2:"));
  CHECK(curl({proxy.url("/echo")}).status == 200);
  CHECK(curl({second.substr(second.find("http")) + "/echo"}).status == 200);
}

TEST_CASE("an IPv6 address is served where the machine has one") {
  if (!has_address("::1")) {
    MESSAGE("skipped: this machine has no IPv6");
    return;
  }
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--listen", "[::1]:0"});
  const std::string second = proxy.program().read_line();
  REQUIRE(second.starts_with("listening on http://[::1]:"));
  CHECK(curl({"-g", second.substr(second.find("http")) + "/echo"}).status == 200);
}

TEST_CASE("localhost is every address of that name, on one port") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--listen", "localhost:0"});
  const std::string line = proxy.program().read_line();
  REQUIRE(line.starts_with("listening on http://"));
  const std::string port = line.substr(line.rfind(':'));
  CHECK(curl({"http://localhost" + port + "/echo"}).status == 200);
  for (const std::string address : {"127.0.0.1", "::1"}) {
    if (!is_localhost(address) || !has_address(address)) continue;
    CAPTURE(address);
    const std::string bracketed = address == "::1" ? "[::1]" : address;
    CHECK(curl({"-g", "http://" + bracketed + port + "/echo"}).status == 200);
  }
}

TEST_CASE("a crash would leave no core file") {
  const Sandbox sandbox;
  Proxy proxy(sandbox);
  rlimit limit{1, 1};
  REQUIRE(prlimit(proxy.program().pid(), RLIMIT_CORE, nullptr, &limit) == 0);
  CHECK(limit.rlim_cur == 0);
}

TEST_CASE("stdout holds the listening line alone") {
  const Sandbox sandbox;
  Proxy proxy(sandbox);
  CHECK(curl({proxy.url("/echo")}).status == 200);
  proxy.end();
  CHECK(proxy.program().read_rest() == "");
}

TEST_CASE("however many SIGHUPs come, tokens are fetched each 3 s at most") {
  Sandbox sandbox;
  Proxy proxy(sandbox);
  proxy.program().await_error("generation=1");
  const auto began = std::chrono::steady_clock::now();
  constexpr int kTimes = 100;
  for (int i = 1; i <= kTimes; ++i) {
    proxy.program().signal(SIGHUP);
    proxy.program().await_error("the configuration was read again", i);
  }
  proxy.program().await_error("generation=2");  // the first is obeyed at once
  const auto took = std::chrono::steady_clock::now() - began;
  const int fetched = sandbox.stats().at("tokens").at("requests");
  CHECK(fetched <= 2 + took / std::chrono::seconds(3));
  proxy.end();
}

TEST_CASE("SIGHUP has the tokens fetched anew, and drops nothing") {
  InFlight way;
  way.proxy.program().signal(SIGHUP);
  way.proxy.program().await_error("generation=2");
  CHECK(way.idle.quiet());
  way.request.send(answer("200 OK", "whole"));
  const Reply reply = way.client.reply();
  CHECK(reply.status == 200);
  CHECK(reply.body == "whole");
  way.proxy.end();
}
