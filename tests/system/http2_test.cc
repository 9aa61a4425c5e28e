// Real clients of HTTP/2 in front of an API that speaks HTTP/1.1.
#include <doctest/doctest.h>
#include <signal.h>

#include <string>
#include <string_view>

#include "tests/support/content.h"
#include "tests/support/eventually.h"
#include "tests/support/said.h"
#include "tests/support/source_tree.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/admin_port.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;

namespace {

const std::string kHttp2 = "--http2-prior-knowledge";

Finished node(const Strings& arguments) {
  return run(Strings{"node", source_tree() / "tests/system/http2/client.js"} + arguments);
}

/// What h2load counted: `2000 succeeded`.
Finished h2load(const Proxy& proxy, const std::string& target, const Strings& arguments) {
  return run(Strings{"h2load"} + arguments + Strings{proxy.url(target)});
}

}  // namespace

TEST_CASE("curl speaks HTTP/2 with prior knowledge on the port of HTTP/1.1, both at once") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  const Reply second = curl({kHttp2, proxy.url("/api/v2/users?pageSize=3")});
  CHECK(second.status == 200);
  CHECK(second.head.starts_with("HTTP/2 200"));
  const Reply first = curl({"--http1.1", proxy.url("/api/v2/users?pageSize=3")});
  CHECK(first.head.starts_with("HTTP/1.1 200"));
  CHECK(first.body == second.body);
  CHECK(second.field("Link") == first.field("Link"));
}

TEST_CASE("a large body over HTTP/2 arrives whole, replayed after a 401, and so does the answer") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  const TemporaryDirectory folder;
  const std::string file = folder.write("body", std::string(5'000'000, 'b'));
  CHECK(curl({kHttp2, proxy.url("/api/v2/users")}).status == 200);
  sandbox.revoke();
  const Reply reply = curl({kHttp2, "--data-binary", "@" + file, proxy.url("/echo")});
  CHECK(reply.status == 200);
  CHECK(says(reply.body, R"("body_size":5000000)"));
  const Reply chunked = curl({kHttp2, "-T", "-", proxy.url("/echo")});
  CHECK(chunked.status == 200);
}

TEST_CASE("HTTP/2 reaches the proxy on a unix socket") {
  const Sandbox sandbox;
  const TemporaryDirectory folder;
  const std::string path = folder.path("h2.sock");
  const Proxy proxy(sandbox, {"--listen", "unix:" + path});
  const Reply reply = curl({kHttp2, "--unix-socket", path, "http://localhost/api/v2/users"});
  CHECK(reply.head.starts_with("HTTP/2 200"));
}

TEST_CASE("a reply of the proxy's own reaches a client of HTTP/2 as it is") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox, {"--deny-method", "DELETE"});
  const Reply reply = curl({kHttp2, "-X", "DELETE", proxy.url("/x")});
  CHECK(reply.status == 403);
  CHECK(says(reply.field("Proxy-Status"), "bearer-proxy; error="));
  CHECK(reply.field("Connection").empty());
}

TEST_CASE("nghttp gets what it asks for") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  const Finished got = run({"nghttp", proxy.url("/api/v2/users?pageSize=2")});
  CHECK(got.status == 0);
  CHECK(says(got.out, R"("pageSize":2)"));
}

TEST_CASE("thousands of streams on few connections lose none, while tokens die and the API fails") {
  // The latency keeps the load up until its token is revoked. Each load has one that is: a request
  // that meets a second revocation has its 401 relayed.
  const Sandbox sandbox({"--latency", "10ms", "--faults", "seed=5,reset=1%"});
  const Proxy proxy(sandbox, {"--backoff-base", "5ms"});
  const std::string target = "/api/v2/users?pageSize=1";
  const auto asked = [&] {
    int sum = 0;
    const nlohmann::json stats = sandbox.stats();
    if (!stats.at("answers").contains("GET /api/v2/users")) return sum;
    for (const auto& [outcome, count] : stats.at("answers").at("GET /api/v2/users").items()) {
      sum += count.get<int>();
    }
    return sum;
  };
  for (int i = 0; i < 3; ++i) {
    const int before = asked();
    Program load({"h2load", "-n", "1000", "-c", "4", "-m", "4", proxy.url(target)});
    CHECK(eventually([&] { return asked() >= before + 100; }));
    sandbox.revoke();
    const std::string counted = load.read_rest();
    CHECK(says(counted, "1000 succeeded, 0 failed, 0 errored"));
    CHECK(says(counted, "status codes: 1000 2xx"));
    // Meets the revocation if the load was over before it.
    CHECK(curl({proxy.url(target)}).status == 200);
  }
  CHECK(sandbox.stats().at("tokens").at("requests") >= 4);
}

TEST_CASE("more streams than places wait their turn, and none is refused") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox, {"--max-connections", "10"});
  const Finished load =
      h2load(proxy, "/api/v2/users?pageSize=1", {"-n", "2000", "-c", "4", "-m", "50"});
  CHECK(says(load.out, "2000 succeeded, 0 failed, 0 errored"));
  CHECK(says(load.out, "status codes: 2000 2xx"));
}

TEST_CASE("node's streams come and go on one connection, each by itself") {
  const Sandbox sandbox({"--latency", "20ms"});
  Proxy proxy(sandbox);
  const Finished done = node({proxy.url("")});
  CAPTURE(done.err);
  CHECK(done.status == 0);
  CHECK(done.out == "answered 60, bodies right, cancelled 20, then 200\n");
}

TEST_CASE("version and streams are seen: access log, list of requests, metrics") {
  const Sandbox sandbox;
  const TemporaryDirectory folder;
  const std::string log = folder.path("access.log");
  Proxy proxy(sandbox, {"--access-log", log, "--admin", "127.0.0.1:0"});
  CHECK(curl({kHttp2, proxy.url("/echo")}).status == 200);
  CHECK(curl({"--http1.1", proxy.url("/echo")}).status == 200);
  CHECK(curl({"--http1.0", proxy.url("/echo")}).status == 200);
  admin_port::settle(proxy);
  const std::string metrics = curl({proxy.admin_url("/metrics")}).body;
  for (const std::string version : {"1.0", "1.1", "2"}) {
    CHECK(says(metrics,
               "bearer_proxy_requests_by_http_total{route=\"/\",http=\"" + version + "\"} 1"));
    CHECK(says(content(log), "\"http\":\"" + version + "\""));
  }
  CHECK(says(metrics, "bearer_proxy_client_streams 0"));
  CHECK(says(admin_port::shown(proxy, "/status/requests"), R"("http":"2")"));
}

TEST_CASE("at its end the proxy finishes the streams under way, and says goodbye") {
  const Sandbox tokens;
  Upstream upstream;
  Proxy proxy(upstream.origin(), tokens);
  Client slow({kHttp2, proxy.url("/slow")});
  RawSocket served = upstream.take_request();
  proxy.program().signal(SIGTERM);
  proxy.program().await_error("drain");
  served.send(answer("200 OK", "whole"));
  CHECK(slow.reply().body == "whole");
  CHECK(proxy.program().wait() == 0);
}
