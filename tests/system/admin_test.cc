// The admin port of the real program, asked by curl.
#include <doctest/doctest.h>

#include <csignal>
#include <cstdint>
#include <deque>
#include <string>

#include "tests/support/raw_message.h"
#include "tests/support/raw_socket.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/admin_port.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;
using namespace bearer::test::admin_port;
using Json = nlohmann::json;

namespace {

/// A connection to the admin port.
RawSocket connect(Proxy& proxy) {
  const std::string url = proxy.admin_url("");
  return RawSocket::connect(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
}

}  // namespace

TEST_CASE("a proxy with a token is healthy and ready, and shows what it counted") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, kAdmin + Strings{"--max-retries", "1", "--backoff-base", "1ms"});
  CHECK(curl({proxy.url("/echo")}).status == 200);
  CHECK(curl({proxy.url("/status/503")}).status == 503);
  CHECK(curl({"-H", "Host: evil.example", proxy.url("/")}).status == 421);
  sandbox.revoke();
  CHECK(curl({proxy.url("/api/v2/users")}).status == 200);

  CHECK(shown(proxy, "/healthz") == "ok\n");
  CHECK(curl({proxy.admin_url("/readyz")}).status == 200);
  const Json status = status_of(proxy);
  CHECK(status["ready"] == true);
  CHECK(status["credentials"][0]["generation"] == 2);
  CHECK(status["routes"][0]["requests"]["5xx"] == 1);
  CHECK(status["routes"][0]["retries"] == Json{{"status_5xx", 1}});
  CHECK(status["routes"][0]["replays"] == 1);
  CHECK(status["problems"].size() == 3);  // the latest of them are the links of the page of users
  CHECK(status["problems"][2]["message"] == "retries are used up; see --max-retries");

  const std::string route = R"({route="/")";
  CHECK(sample(proxy, "bearer_proxy_requests_total" + route + R"(,method="GET",code="200"})") == 2);
  CHECK(sample(proxy, "bearer_proxy_requests_total" + route + R"(,method="GET",code="503"})") == 1);
  CHECK(sample(proxy, "bearer_proxy_attempts_total" + route + R"(,reason="first"})") == 3);
  CHECK(sample(proxy, "bearer_proxy_attempts_total" + route + R"(,reason="status_5xx"})") == 1);
  CHECK(sample(proxy, "bearer_proxy_attempts_total" + route + R"(,reason="status_401"})") == 1);
  CHECK(sample(proxy, "bearer_proxy_request_duration_seconds_count" + route + "}") == 3);
  CHECK(sample(proxy, "bearer_proxy_requests_in_flight" + route + "}") == 0);
  CHECK(sample(proxy,
               R"(bearer_proxy_own_answers_total{error="http_request_denied",code="421"})") == 1);
  CHECK(sample(proxy, R"(bearer_proxy_token_refresh_total{credential="default",result="ok"})") ==
        2);
  // The first rejection is a step from 0, which an alert sees.
  CHECK(says(curl({proxy.admin_url("/metrics")}).body,
             R"(bearer_proxy_token_refresh_total{credential="default",result="rejected"} 0)"));
  CHECK(sample(proxy, "bearer_proxy_ready") == 1);
  CHECK(sample(proxy, "process_open_fds") > 5);
  proxy.end();
}

TEST_CASE("every answer of the admin port keeps a browser from making more of it") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, kAdmin);
  for (const char* path : {"/", "/healthz", "/metrics", "/status", "/nothing", "/quitquitquit"}) {
    CAPTURE(path);
    const Reply reply = curl({proxy.admin_url(path)});
    CHECK(says(reply.field("Content-Security-Policy"), "default-src 'none'"));
    CHECK(says(reply.field("Content-Security-Policy"), "frame-ancestors 'none'"));
    CHECK(reply.field("X-Content-Type-Options") == "nosniff");
    CHECK(reply.field("Cross-Origin-Resource-Policy") == "same-origin");
    CHECK(reply.field("Cache-Control") == "no-store");
    CHECK(reply.field("Access-Control-Allow-Origin").empty());
  }
}

TEST_CASE(
    "a foreign site's page gets nothing, and neither does a name that was made to lead here") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, kAdmin);
  for (const char* path : {"/", "/status", "/metrics"}) {
    CAPTURE(path);
    const std::string url = proxy.admin_url(path);
    CHECK(curl({"-H", "Sec-Fetch-Site: cross-site", url}).status == 403);
    CHECK(curl({"-H", "Origin: https://evil.example", url}).status == 403);
    CHECK(curl({"-H", "Host: rebound.example", url}).status == 421);
  }
  CHECK(curl({"-X", "POST", "-H", "Origin: https://evil.example", proxy.admin_url("/quitquitquit")})
            .status == 403);
  CHECK(curl({proxy.url("/echo")}).status == 200);
  proxy.end();
}

TEST_CASE("not ready before the first token, and the reason is said; healthy all the same") {
  const Sandbox sandbox;
  const TemporaryDirectory directory;
  const std::string secret = directory.write("secret", "wrong\n");
  Proxy proxy(kAdmin + Strings{"--upstream", sandbox.url(), "--client-secret-file", secret} +
                  credential_of(sandbox),
              Strings{});
  proxy.program().await_error("refuses the credential");
  const Reply reply = curl({proxy.admin_url("/readyz")});
  CHECK(reply.status == 503);
  CHECK(says(reply.body, "credential default has no valid token"));
  CHECK(says(reply.body, "client_id"));
  settle(proxy);
  CHECK(status_of(proxy)["credentials"][0]["state"] == "rejected");
  directory.write("secret", "sandbox-secret\n");
  CHECK(post(proxy, "/refresh") == 202);
  proxy.program().await_error("token fetched");
  CHECK(curl({proxy.admin_url("/readyz")}).status == 200);
}

TEST_CASE("a drain that is asked for makes it unready, but it serves") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, kAdmin);
  CHECK(post(proxy, "/drain") == 202);
  CHECK(curl({proxy.admin_url("/readyz")}).status == 503);
  settle(proxy);
  CHECK(curl({proxy.url("/echo")}).status == 200);
  CHECK(status_of(proxy)["draining"] == true);
  proxy.end();
}

TEST_CASE("quitquitquit by GET is refused, by POST it ends the proxy as SIGTERM does") {
  const Sandbox sandbox;
  Upstream upstream;
  Proxy proxy(upstream.origin(), sandbox, kAdmin);
  const Reply refused = curl({proxy.admin_url("/quitquitquit")});
  CHECK(refused.status == 405);
  CHECK(refused.field("Allow") == "POST");
  Client slow({proxy.url("/")});
  RawSocket asked = upstream.take_request();
  CHECK(status_of(proxy)["routes"][0]["in_flight"] == 1);
  CHECK(post(proxy, "/quitquitquit") == 202);
  proxy.program().await_error("draining");
  CHECK(curl({proxy.admin_url("/readyz")}).status == 503);
  asked.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  CHECK(slow.reply().body == "ok");  // what was under way came to its end
  CHECK(proxy.program().wait() == 0);
}

TEST_CASE("an admin address in use is an error that names the setting") {
  RawListener taken;
  const std::string address = "127.0.0.1:" + std::to_string(taken.port());
  const Sandbox sandbox;
  const Finished finished = run(proxy_command(Strings{"--listen", "127.0.0.1:0", "--admin", address,
                                                      "--upstream", sandbox.url()} +
                                              credential_of(sandbox)),
                                kSandboxSecret);
  CHECK(finished.status == 1);
  CHECK(finished.out.empty());
  CHECK(says(finished.err, "admin = \"" + address + "\""));
  CHECK(says(finished.err, "in use"));
  CHECK(says(finished.err, "another program listens there; name another address with --admin, or"));
  CHECK(says(finished.err, "--admin off"));
  CHECK_FALSE(says(finished.err, "--listen"));
}

TEST_CASE("the admin port on a unix socket") {
  const TemporaryDirectory directory;
  const std::string path = directory.path("admin.sock");
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--admin", "unix:" + path});
  CHECK(proxy.admin_url("") == "unix:" + path);
  CHECK(run(proxy_command({"healthcheck", "--admin", "unix:" + path, "--wait", "100s"})).status ==
        0);
  CHECK(curl({"--unix-socket", path, "http://localhost/readyz"}).status == 200);
  CHECK(curl({"--unix-socket", path, "-X", "POST", "http://localhost/refresh"}).status == 202);
  proxy.end();
}

TEST_CASE("clients that send nothing, or half a head, keep nobody from the admin port") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, kAdmin);
  const std::string url = proxy.admin_url("/healthz");
  const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  std::deque<RawSocket> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(RawSocket::connect(port));
    if (i % 2 == 0) slow.back().send("GET /healthz HTTP/1.1\r\nHost: local");
  }
  settle(proxy);
  CHECK(curl({proxy.url("/echo")}).status == 200);
  proxy.end();
}

TEST_CASE("what is no request, or too large, is answered and ends the connection") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, kAdmin);
  const std::string url = proxy.admin_url("/refresh");
  CHECK(curl({"-H", "X: " + std::string(70'000, 'x'), url}).status == 431);
  CHECK(curl({url + "?" + std::string(20'000, 'x')}).status == 414);
  CHECK(curl({"-d", std::string(40'000, 'x'), url}).status == 413);
  const std::string chunked = "Transfer-Encoding: chunked";
  CHECK(curl({"-d", std::string(16'385, 'x'), "-H", chunked, url}).status == 413);
  CHECK(curl({"-d", "{}", "-H", chunked, url}).status == 202);
  CHECK(curl({"-d", "{}", url}).status == 202);
  CHECK(curl({"-H", "Content-Length: 1", "-H", "Transfer-Encoding: chunked", url}).status == 400);
  CHECK(curl({"-I", proxy.admin_url("/status")}).status == 200);
  proxy.end();
}

TEST_CASE("a body in chunks is taken by the admin port, and the connection goes on") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, kAdmin);
  RawSocket client = connect(proxy);
  const auto asked = [&](const std::string& line, const std::string& chunks) {
    client.send(line + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" +
                chunks);
    return read_message(client).status();
  };
  CHECK(asked("PUT /log-level", "2\r\nwa\r\n3;x=y\r\nrn\n\r\n0\r\n\r\n") == 200);
  CHECK(asked("PUT /log-level", "0\r\nX-Sum: 7\r\n\r\n") == 400);
  CHECK(asked("POST /drain", "0\r\n\r\n") == 202);
  CHECK(asked("GET /status", "1\r\nx\r\n0\r\n\r\n") == 200);
  CHECK(asked("PUT /log-level", "4\r\ninfoX\r\n") == 400);
  CHECK(client.await_end() == RawSocket::End::closed);

  // The limit holds for the data and for the lines around it.
  std::string crumbs;
  for (int i = 0; i < 12'000; ++i) crumbs += "1\r\nx\r\n";
  client = connect(proxy);
  CHECK(asked("POST /refresh", crumbs) == 413);
  proxy.end();
}

TEST_CASE("a client that asks first is told to send its body to the admin port") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, kAdmin);
  RawSocket client = connect(proxy);
  client.send(
      "PUT /log-level HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("5\r\nerror\r\n0\r\n\r\n");
  CHECK(says(read_message(client).body, "log level error"));
  proxy.end();
}

TEST_CASE("connections to the admin port are kept open") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, kAdmin);
  const std::string url = proxy.admin_url("/healthz");
  const Reply reply =
      curl({"-o", "/dev/null", "-w", "%{num_connects}", url, "-o", "/dev/null", url});
  CHECK(reply.body.ends_with("0"));
}

TEST_CASE("no secret and no token is shown by the admin port") {
  const Sandbox sandbox({"--token-format", "opaque"});
  Proxy proxy(sandbox, kAdmin);
  std::string token;
  const Json echo = Json::parse(curl({proxy.url("/echo")}).body);
  for (const Json& field : echo["fields"]) {
    if (field[0] == "Authorization") token = std::string(field[1]).substr(7);
  }
  REQUIRE(token.size() > 10);
  for (const char* path :
       {"/", "/status", "/status/history", "/status/requests", "/metrics", "/readyz"}) {
    const std::string shown = curl({proxy.admin_url(path)}).body;
    CHECK_FALSE(says(shown, token));
    CHECK_FALSE(says(shown, "sandbox-secret"));
  }
}

TEST_CASE("the log level of a running proxy is changed by PUT, but not for another site's page") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, kAdmin);
  const auto put = [&](const Strings& more) {
    return curl(Strings{"-X", "PUT"} + more + Strings{proxy.admin_url("/log-level")}).status;
  };
  CHECK(curl({proxy.url("/echo?before")}).status == 200);
  CHECK(put({"-d", "loud"}) == 400);
  CHECK(put({"-d", "debug", "-H", "Origin: https://evil.example"}) == 403);
  CHECK(put({"-d", "debug", "-H", "Sec-Fetch-Site: cross-site"}) == 403);
  CHECK(curl({proxy.admin_url("/log-level")}).status == 405);
  settle(proxy);  // the first request's line would be written by now
  CHECK(put({"-d", "debug"}) == 200);
  CHECK(curl({proxy.url("/status/204")}).status == 204);
  const std::string log = proxy.end();
  CHECK(says(log, "the log level was changed level=debug"));
  CHECK(says(log, "debug attempt method=GET path=/status/204 outcome=204 attempt=1"));
  CHECK(says(log, "debug request method=GET path=/status/204 route=/ status=204"));
  CHECK_FALSE(says(log, "debug request method=GET path=/echo"));
}
