// What the admin port lists and counts, asked by curl.
#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "tests/support/eventually.h"
#include "tests/support/raw_message.h"
#include "tests/support/raw_socket.h"
#include "tests/support/said.h"
#include "tests/support/source_tree.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_ca.h"
#include "tests/system/admin_port.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;
using namespace bearer::test::admin_port;
using Json = nlohmann::json;

TEST_CASE("counts of a route outlive a reload, and the admin port shows the new routes") {
  const TemporaryDirectory directory;
  const Sandbox sandbox;
  const std::string config = directory.write("c.json", R"({"routes": [{"path": "/"}]})");
  Proxy proxy(sandbox, kAdmin + Strings{"--config", config});
  CHECK(curl({proxy.url("/echo")}).status == 200);
  directory.write("c.json", R"({"routes": [{"path": "/", "max_retries": 1}, {"path": "/b/"}]})");
  proxy.program().signal(SIGHUP);
  proxy.program().await_error("the configuration was read again");
  CHECK(curl({proxy.url("/echo")}).status == 200);
  const Json routes = status_of(proxy)["routes"];
  REQUIRE(routes.size() == 2);
  CHECK(routes[0]["requests"]["2xx"] == 2);
  CHECK(routes[1]["route"] == "/b/");
  proxy.end();
}

TEST_CASE("a full disk under the access log is said once and counted, and traffic goes on") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, kAdmin + Strings{"--access-log", "/dev/full"});
  for (int i = 0; i < 3; ++i) CHECK(curl({proxy.url("/echo")}).status == 200);
  CHECK(sample(proxy, "bearer_proxy_access_log_lines_lost_total") == 3);
  const std::string log = proxy.end();
  const std::string_view said = "the access log cannot be written";
  CHECK(says(log, said));
  CHECK(log.find(said) == log.rfind(said));
}

TEST_CASE("lines of the log that nobody reads are counted") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, kAdmin + Strings{"--log-level", "debug"});
  CHECK(sample(proxy, "bearer_proxy_log_lines_lost_total") == 0);
  // Each has lines, which are more than a pipe holds.
  const Reply last =
      curl({"-o", "/dev/null", "-H", "Host: evil.example", proxy.url("/?n=[1-600]")});
  CHECK(last.exit_status == 0);
  CHECK(sample(proxy, "bearer_proxy_log_lines_lost_total") > 0);
}

TEST_CASE("the page of metrics lists every metric of the program, and no other") {
  const TemporaryDirectory directory;
  const Sandbox sandbox;
  Proxy proxy(sandbox, kAdmin + Strings{"--access-log", directory.path("access.log"),
                                        "--otlp-endpoint", "http://127.0.0.1:9"});
  const auto names = [](std::istream&& text, const std::string& before) {
    std::set<std::string> found;
    for (std::string line; std::getline(text, line);) {
      if (!line.starts_with(before + "bearer_proxy_")) continue;
      found.insert(
          line.substr(before.size(), line.find_first_of("` ", before.size()) - before.size()));
    }
    return found;
  };
  const auto listed = names(std::ifstream(source_tree() / "deploy/prometheus/README.md"), "| `");
  const auto there = names(std::istringstream(curl({proxy.admin_url("/metrics")}).body), "# TYPE ");
  CHECK(there.size() > 20);
  CHECK(listed == there);
}

TEST_CASE("a request that is held is listed with what it waits for, and its wait is counted") {
  const Sandbox sandbox;
  Upstream upstream;
  Proxy proxy(upstream.origin(), sandbox, kAdmin);
  const Client client({proxy.url("/orders/7?key=q7Tz")});
  RawSocket first = upstream.take_request();
  first.send("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 200\r\nContent-Length: 0\r\n\r\n");
  const auto held = [&] {
    return sample(proxy, R"(bearer_proxy_requests_waiting{route="/",reason="backoff"})") == 1;
  };
  REQUIRE(eventually(held));
  CHECK(sample(proxy, R"(bearer_proxy_wait_seconds_total{route="/",reason="backoff"})") > 0);
  CHECK(status_of(proxy)["routes"][0]["waiting"] == Json{{"backoff", 1}});

  const std::string text = shown(proxy, "/status/requests?route=/&failed=1");
  const Json told = Json::parse(text);
  REQUIRE(told["under_way"].size() == 1);
  const Json& request = told["under_way"][0];
  CHECK(request["method"] == "GET");
  CHECK(request["path"] == "/orders/7");
  CHECK(request["attempts"][0]["outcome"] == "429");
  CHECK(request["waits"]["for"] == "backoff");
  CHECK(request["waits"]["end_known"] == true);
  CHECK(request["waits"]["until_ms"].get<std::int64_t>() - told["now_ms"].get<std::int64_t>() >
        50'000);
  CHECK_FALSE(says(text, "q7Tz"));
  CHECK(says(proxy.program().await_error("a request is held"), "for=backoff"));
  CHECK_FALSE(says(shown(proxy, "/status/requests?route=/other/"), "/orders"));
}

TEST_CASE(
    "the last requests are listed with their ends, the proxy's own replies with their error") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, kAdmin + Strings{"--max-retries", "1", "--backoff-base", "1ms"});
  CHECK(curl({proxy.url("/echo")}).status == 200);
  CHECK(curl({"-H", "X-Request-Id: mine-42", proxy.url("/status/503")}).status == 503);
  CHECK(curl({"-H", "Host: evil.example", proxy.url("/x")}).status == 421);
  settle(proxy);
  const Json ended = Json::parse(shown(proxy, "/status/requests"))["ended"];
  REQUIRE(ended.size() == 3);
  CHECK(ended[0]["status"] == 421);
  CHECK(ended[0]["error"] == "http_request_denied");
  CHECK(ended[0]["route"] == "");
  CHECK(ended[1]["id"] == "mine-42");
  CHECK(ended[1]["attempts_made"] == 2);
  CHECK(ended[1]["attempts"][1]["cause"] == "status_5xx");
  CHECK(ended[2]["status"] == 200);
  CHECK(curl({proxy.admin_url("/status/requests?failed=perhaps")}).status == 400);
  // One reply of ours is no latency of the upstream's.
  CHECK(status_of(proxy)["routes"][0]["requests"]["5xx"] == 1);
  proxy.end();
}

TEST_CASE("the end of an upstream's certificate is a metric, once the upstream has shown it") {
  const std::string name =
      R"(bearer_proxy_upstream_certificate_expiry_timestamp_seconds{route="/"})";
  TestCa ca;
  const Leaf leaf = ca.leaf();
  const Sandbox sandbox({"--tls-cert", leaf.cert_file, "--tls-key", leaf.key_file});
  Proxy proxy(sandbox, kAdmin + Strings{"--ca-file", ca.ca_file()});
  CHECK(sample(proxy, name) == -1);
  CHECK(curl({proxy.url("/echo")}).status == 200);
  CHECK(sample(proxy, name) > 1.6e9);
  proxy.end();
}

TEST_CASE("each status has a code of its own, and one from 600 on is no 5xx") {
  const Sandbox sandbox;
  Upstream upstream;
  Proxy proxy(upstream.origin(), sandbox, kAdmin + Strings{"--max-retries", "0"});
  const auto asked = [&](const std::string& method, const std::string& status) {
    RawSocket client = RawSocket::connect(proxy.port());
    client.send(method + " / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    RawSocket socket = upstream.take_request();
    socket.send(answer(status + " Odd"));
    CHECK(read_message(client).status() == std::stoi(status));
  };
  asked("GET", "298");
  asked("GET", "463");
  asked("GET", "527");
  asked("GET", "684");
  asked("SEARCH", "207");
  asked("PURGE", "200");
  const auto counted = [&](const std::string& method, const std::string& code) {
    return sample(proxy, "bearer_proxy_requests_total{route=\"/\",method=\"" + method +
                             "\",code=\"" + code + "\"}");
  };
  for (const char* code : {"298", "463", "527", "684"}) CHECK(counted("GET", code) == 1);
  CHECK(counted("SEARCH", "207") == 1);
  CHECK(counted("other", "200") == 1);
  const Json requests = status_of(proxy)["routes"][0]["requests"];
  CHECK(
      requests ==
      Json{{"1xx", 0}, {"2xx", 3}, {"3xx", 0}, {"4xx", 1}, {"5xx", 1}, {"left", 0}, {"other", 1}});
  const Json failed = Json::parse(shown(proxy, "/status/requests?failed=1"))["ended"];
  CHECK(failed.size() == 2);
  proxy.end();
}

TEST_CASE("each response that is not whole has its line, its place in the status, and its count") {
  const TemporaryDirectory directory;
  const Sandbox sandbox;
  Upstream upstream;
  // Only what shall be late has little time: the others get theirs on any machine.
  const std::string config = directory.write(
      "c.json", R"({"routes": [{"path": "/"}, {"path": "/silent", "idle_timeout": "300ms"}]})");
  Proxy proxy(upstream.origin(), sandbox, kAdmin + Strings{"--config", config});
  const std::string part = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
  const auto breaks_off = [&](const char* path, const auto& go_on) {
    RawSocket client = RawSocket::connect(proxy.port());
    client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    RawSocket socket = upstream.take_request();
    socket.send(part);
    client.read_until("hello");  // so that a reply of the proxy's own comes too late
    go_on(socket);
    const std::string line = proxy.program().await_error(std::string("path=") + path);
    CHECK(says(line, "warn"));
    CHECK(says(line, "cut short"));
    CHECK(says(line, "route=/"));
    return line;
  };
  CHECK(says(breaks_off("/closed", [](RawSocket& socket) { RawSocket gone = std::move(socket); }),
             "closed the connection in the middle"));
  CHECK(says(breaks_off("/silent", [](RawSocket&) {}), "--idle-timeout"));
  CHECK(says(breaks_off("/odd", [](RawSocket& socket) { socket.send("zz\r\n"); }), "chunk"));
  const Json status = status_of(proxy);
  const Json expected{{"upstream_closed", 1}, {"response_malformed", 1}};
  CHECK(status["routes"][0]["cut_short"] == expected);
  CHECK(status["routes"][1]["cut_short"] == Json{{"upstream_silent", 1}});
  REQUIRE(status["problems"].size() == 3);
  CHECK(says(status["problems"][0]["message"].get<std::string>(), "response_malformed"));
  CHECK(says(curl({proxy.admin_url("/metrics")}).body,
             "answers_cut_short_total{route=\"/silent\",reason=\"upstream_silent\"} 1"));
}
