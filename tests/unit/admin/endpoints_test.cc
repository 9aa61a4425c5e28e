#include "admin/endpoints.h"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/head_parser.h"
#include "tests/support/owned_loop.h"

using namespace bearer;
using namespace std::chrono_literals;
using admin::Reply;

namespace {

using Write = admin::Hooks::WriteRequests;

struct Fixture {
  Fixture()
      : endpoints(
            {.status = [] { return std::string("{}\n"); },
             .counts = [] { return admin::History::Counts{}; },
             .unready = [this] { return unready; },
             .metrics =
                 [] {
                   base::MetricFamily family = base::gauge_family("x", "What x is");
                   base::add_sample(family, {}, 7.0);
                   return base::MetricFamilies{family};
                 },
             .requests =
                 [this](const admin::RequestFilter& filter, std::function<void(Write)> then) {
                   asked_for = filter;
                   told.push_back(std::move(then));
                 },
             .beat = [this](std::function<void()> then) { beats.push_back(std::move(then)); },
             .refresh = [this] { done += "refresh "; },
             .drain = [this] { done += "drain "; },
             .set_log_level =
                 [this](base::LogLevel level) { done += std::string(base::name(level)) + " "; },
             .quit = [this] { done += "quit "; }},
            {}) {}

  /// Asks, and turns the loop once.
  void ask(const std::string& method, const std::string& target, bool local = true,
           const std::string& fields = "") {
    bytes = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
    REQUIRE(http::parse_request_head(bytes, head) == http::HeadFault::none);
    answer.reset();
    task = asked(local);
    task.start();
  }
  Reply get(const std::string& target) {
    ask("GET", target);
    REQUIRE(answer);
    return *answer;
  }
  net::Task<void> asked(bool local) {
    const admin::Endpoints::Question question{head, local, sleeper, nowhere, body};
    answer = co_await endpoints.answer(question);
  }

  const http::CameInAt nowhere = [](std::string_view) { return false; };
  test::OwnedLoop owned;
  net::Sleeper sleeper{owned.loop()};
  std::optional<std::string> unready;
  std::vector<std::function<void()>> beats;
  admin::RequestFilter asked_for;
  std::vector<std::function<void(Write)>> told;
  std::string done;
  admin::Endpoints endpoints;
  std::string bytes, body;
  http::RequestHead head;
  std::optional<Reply> answer;
  net::Task<void> task;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "it is healthy once every loop has turned") {
  ask("GET", "/healthz");
  CHECK_FALSE(answer);
  REQUIRE(beats.size() == 1);
  beats[0]();
  owned.turn();
  REQUIRE(answer);
  CHECK(answer->status == 200);
}

TEST_CASE_FIXTURE(Fixture, "a loop that does not turn for 2 s is no healthy one") {
  ask("GET", "/healthz");
  owned.advance(1s);
  owned.advance(999ms);
  CHECK_FALSE(answer);
  owned.advance(1ms);
  REQUIRE(answer);
  CHECK(answer->status == 503);
  beats[0]();  // too late, and nobody's any more
  owned.turn();
}

TEST_CASE_FIXTURE(Fixture, "a standstill of the whole process is none of a loop") {
  ask("GET", "/healthz");
  owned.advance(1h);
  CHECK_FALSE(answer);
  beats[0]();
  owned.turn();
  REQUIRE(answer);
  CHECK(answer->status == 200);
}

TEST_CASE_FIXTURE(Fixture, "who asks for health and leaves is not answered to") {
  ask("GET", "/healthz");
  task = {};
  beats[0]();
  owned.turn();
  CHECK_FALSE(answer);
}

TEST_CASE_FIXTURE(Fixture, "requests are asked of the loops, by the query's filter") {
  ask("GET", "/status/requests?route=/crm/&failed=1");
  CHECK_FALSE(answer);
  CHECK(asked_for.route == "/crm/");
  CHECK(asked_for.failed);
  REQUIRE(told.size() == 1);
  told[0]([] { return std::string("{\"ended\":[]}\n"); });
  owned.turn();
  REQUIRE(answer);
  CHECK(answer->type == "application/json");
  CHECK(answer->body == "{\"ended\":[]}\n");
}

TEST_CASE_FIXTURE(Fixture, "a query for requests that is not understood is refused, with what is") {
  const Reply refused = get("/status/requests?fail=1");
  CHECK(refused.status == 400);
  CHECK(refused.body.find("failed=1") != std::string::npos);
  CHECK(told.empty());
}

TEST_CASE_FIXTURE(Fixture, "a loop that does not turn for 2 s tells no requests") {
  ask("GET", "/status/requests");
  owned.advance(1s);
  owned.advance(1s);
  REQUIRE(answer);
  CHECK(answer->status == 503);
  told[0]({});  // too late, and nobody's any more
  owned.turn();
}

TEST_CASE_FIXTURE(Fixture, "readiness gives its reason") {
  CHECK(get("/readyz").status == 200);
  unready = "a drain is under way";
  CHECK(get("/readyz").status == 503);
  CHECK(answer->body.starts_with("a drain is under way"));
}

TEST_CASE_FIXTURE(Fixture, "metrics, status and history have their types") {
  CHECK(get("/metrics").type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(answer->body.find("bearer_proxy_x 7\n") != std::string::npos);
  CHECK(get("/status").type == "application/json");
  CHECK(get("/status?x=1").status == 200);
  endpoints.sample();
  endpoints.sample();
  CHECK(get("/status/history").body.find("\"rows\":[[") != std::string::npos);
  CHECK(get("/").status == 200);
  CHECK(get("/nothing").status == 404);
}

TEST_CASE_FIXTURE(Fixture, "what changes something is done for a POST of this machine only") {
  for (const char* path : {"/refresh", "/drain", "/quitquitquit"}) {
    CAPTURE(path);
    for (const char* method : {"GET", "HEAD", "PUT", "DELETE"}) {
      ask(method, path);
      CHECK(answer->status == 405);
      CHECK(answer->lines == "Allow: POST\r\n");
    }
    ask("POST", path, false);
    CHECK(answer->status == 403);
    CHECK(done.empty());
    ask("POST", path);
    CHECK(answer->status == 202);
    CHECK(done == std::string(path).substr(1, path[1] == 'q' ? 4 : std::string::npos) + " ");
    done.clear();
  }
}

TEST_CASE_FIXTURE(Fixture, "another site's page learns that nothing is changed by its GET") {
  const std::string page = "Sec-Fetch-Site: same-site\r\nOrigin: https://shop.example\r\n";
  for (const char* path : {"/refresh", "/drain", "/quitquitquit", "/log-level"}) {
    CAPTURE(path);
    const std::string changing = path == std::string("/log-level") ? "PUT" : "POST";
    for (const char* method : {"GET", "HEAD", "OPTIONS", "DELETE"}) {
      ask(method, path, true, page);
      CHECK(answer->status == 405);
      CHECK(answer->lines == "Allow: " + changing + "\r\n");
    }
    body = "error";
    ask(changing, path, true, page);
    CHECK(answer->status == 403);
  }
  CHECK(done.empty());
  ask("GET", "/status", true, page);
  CHECK(answer->status == 403);
}

TEST_CASE_FIXTURE(Fixture, "what is to be looked at is not to be posted to") {
  ask("POST", "/status");
  CHECK(answer->status == 405);
  CHECK(answer->lines == "Allow: GET, HEAD\r\n");
}

TEST_CASE("the absolute form asks for its path") {
  Fixture f;
  CHECK(f.get("http://localhost:9180/readyz?x=1").status == f.get("/readyz").status);
  CHECK(f.get("http://localhost:9180/metrics").body == f.get("/metrics").body);
  CHECK(f.get("http://localhost:9180").type == f.get("/").type);
  CHECK(f.get("http://localhost:9180/nothing").status == 404);
}

TEST_CASE_FIXTURE(Fixture, "the log level is changed by a bare word, from this machine alone") {
  for (const char* word : {"debug", "info\n", " warn\r\n", "error"}) {
    body = word;
    ask("PUT", "/log-level");
    CHECK(answer->status == 200);
  }
  CHECK(done == "debug info warn error ");
  for (const char* word : {"", "verbose", "debug info", "{\"level\":\"info\"}"}) {
    CAPTURE(word);
    body = word;
    ask("PUT", "/log-level");
    CHECK(answer->status == 400);
  }
  body = "debug";
  ask("PUT", "/log-level", false);
  CHECK(answer->status == 403);
  for (const char* method : {"GET", "POST"}) {
    ask(method, "/log-level");
    CHECK(answer->status == 405);
    CHECK(answer->lines == "Allow: PUT\r\n");
  }
  CHECK(done == "debug info warn error ");
}
