// Many clients, and many tokens.
#include <doctest/doctest.h>

#include <chrono>
#include <sstream>
#include <utility>
#include <vector>

#include "tests/support/raw_message.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

struct Statuses {
  int good = 0;
  int other = 0;
  int slow = 0;  ///< took many times what a request takes: some process has met a pause
};

constexpr double kSlow_s = 0.1;

/// One request for each number in a `[1-200]` of the URL, by a single curl.
Statuses ask_all(const Strings& how, const std::string& url) {
  const Finished finished =
      run(Strings{"curl", "--disable", "--noproxy", "*", "--silent", "--no-progress-meter",
                  "--max-time", kCurlPatience, "--output", "/dev/null", "--write-out",
                  "%{http_code} %{time_total}\n"} +
          how + Strings{url});
  CHECK(finished.err == "");
  Statuses statuses;
  std::istringstream lines(finished.out);
  std::string status;
  for (double took_s = 0; lines >> status >> took_s;) {
    ++(status == "200" ? statuses.good : statuses.other);
    if (took_s > kSlow_s) ++statuses.slow;
  }
  return statuses;
}

int refused(const Sandbox& sandbox) {
  int sum = 0;
  const Json stats = sandbox.stats();
  for (const auto& [why, count] : stats.at("refused").items()) sum += count.get<int>();
  return sum;
}

}  // namespace

TEST_CASE("200 first requests at once make one token request") {
  const Sandbox sandbox;
  sandbox.script_tokens(Json::array({{{"delay_ms", 300}}}));
  const Proxy proxy(sandbox);
  const Statuses statuses = ask_all({"--parallel", "--parallel-immediate", "--parallel-max", "200"},
                                    proxy.url("/api/v2/whoami?id=[1-200]"));
  CHECK(statuses.good == 200);
  CHECK(statuses.other == 0);
  CHECK(sandbox.stats().at("tokens").at("requests") == 1);
  CHECK(refused(sandbox) == 0);
}

TEST_CASE("200 requests with a token that was revoked make one token request, and all succeed") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  CHECK(curl({proxy.url("/api/v2/users")}).status == 200);
  sandbox.revoke();
  const Statuses statuses = ask_all({"--parallel", "--parallel-immediate", "--parallel-max", "200"},
                                    proxy.url("/api/v2/whoami?id=[1-200]"));
  CHECK(statuses.good == 200);
  CHECK(sandbox.stats().at("tokens").at("requests") == 2);
}

TEST_CASE("requests across many lifetimes of a token never meet a 401") {
  using Clock = std::chrono::steady_clock;
  const Sandbox sandbox({"--token-lifetime", "2s"});
  const Clock::time_point began = Clock::now();
  Proxy proxy(sandbox, {"--log-format", "json"});
  const Statuses statuses = ask_all({"--rate", "100/s"}, proxy.url("/api/v2/whoami?id=[1-500]"));
  CHECK(statuses.good == 500);
  // Only a request that was held up on its way can find its token dead at the upstream.
  CHECK(refused(sandbox) <= statuses.slow);

  std::istringstream log(proxy.end());
  const std::chrono::duration<double> took = Clock::now() - began;
  int fetches = 0;
  int failures = 0;      // of tokens that came after a pause, and were dead by then
  double planned_s = 0;  // all but the last came when they were due, and not before
  double next_s = 0;
  for (std::string text; std::getline(log, text);) {
    const Json line = Json::parse(text);
    const std::string message = line.at("message");
    if (message.starts_with("no token could be fetched")) ++failures;
    if (message.starts_with("the upstream answered 401: a new token")) next_s = 0;  // comes earlier
    if (message != "token fetched") continue;
    ++fetches;
    planned_s += std::exchange(next_s, line.at("renews_in_s"));
  }
  CHECK(fetches >= 3);
  const int asked = sandbox.stats().at("tokens").at("requests");
  CHECK(asked >= fetches);
  CHECK(asked <= fetches + failures + 1);  // one more of a refresh that the proxy's end cut off
  CHECK(planned_s <= took.count());
}

TEST_CASE("beyond the most connections a client waits while all are being served") {
  const Sandbox tokens;
  Upstream upstream;
  Proxy proxy(upstream.origin(), tokens, {"--max-connections", "10"});
  std::vector<RawSocket> clients, at_upstream;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(RawSocket::connect(proxy.port()));
    clients.back().send(get("/held"));
    at_upstream.push_back(upstream.take_request());
  }
  RawSocket waiting = RawSocket::connect(proxy.port());
  waiting.send(get("/next"));
  proxy.program().await_error("--max-connections");  // nobody is idle, who could make room
  CHECK(waiting.quiet());
  at_upstream.front().send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  CHECK(read_message(clients.front()).status() == 200);  // and its client makes room
  RawSocket next = upstream.take_request();
  next.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  CHECK(read_message(waiting).status() == 200);
}

TEST_CASE("more than one loop serves the same") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--threads", "4"});
  const Statuses statuses =
      ask_all({"--parallel", "--parallel-max", "40"}, proxy.url("/api/v2/whoami?id=[1-200]"));
  CHECK(statuses.good == 200);
  CHECK(sandbox.stats().at("tokens").at("requests") == 1);
  proxy.end();
}
