// Clients that get tokens themselves: what they are told, and that they work on.
#include <doctest/doctest.h>

#include <string>

#include "tests/support/content.h"
#include "tests/support/source_tree.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

const Strings kStub = {"--stub-token", "/oauth/token"};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A request as curl makes it of a token request by form.
Reply ask_for_token(const Proxy& proxy, const Strings& more = {}) {
  return curl(Strings{"-d", "grant_type=client_credentials"} + more +
              Strings{proxy.url("/oauth/token")});
}

}  // namespace

TEST_CASE("stub token: a job with token code of its own finishes while its tokens are revoked") {
  for (const std::string job : {"users_by_script", "users_by_sdk"}) {
    CAPTURE(job);
    const Sandbox sandbox({"--users", "600", "--faults", "seed=3,401=8%,429=3%,5xx=3%"});
    const Proxy proxy(sandbox, kStub + Strings{"--backoff-base", "1ms"});
    const std::string program = source_tree() / "tests/jobs" / job;
    const Finished finished = run({program, "--json", "--page-size", "10", proxy.url("")});
    CAPTURE(finished.err);
    CHECK(finished.status == 0);
    const Json summary = Json::parse(finished.out.substr(finished.out.rfind("{\"job\"")));
    CHECK(summary["got"] == 600);
    CHECK(summary["missing"] == 0);
    CHECK(summary["doubled"] == 0);
    CHECK(summary["notes"]["tokens"] == 1);
    CHECK(sandbox.stats()["answers"]["GET /api/v2/users"].value("401", 0) > 0);
  }
}

TEST_CASE("stub token: a job of that kind without the setting is refused by the API") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  const std::string program = source_tree() / "tests/jobs/users_by_sdk";
  CHECK(run({program, proxy.url("")}).status == 1);
}

TEST_CASE("stub token: the credentials that come are no matter, and the token is worth nothing") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox, kStub);
  for (const Strings& credentials :
       {Strings{"-u", "any:thing"}, Strings{"-d", "client_id=any", "-d", "client_secret=thing"},
        Strings{"-H", "Content-Type: application/json"}, Strings{}}) {
    const Reply reply = ask_for_token(proxy, credentials);
    CHECK(reply.status == 200);
    CHECK(reply.field("Content-Type") == "application/json");
    CHECK(reply.field("Proxy-Status").starts_with("bearer-proxy; details="));
    const Json answer = Json::parse(reply.body);
    CHECK(answer.at("expires_in") == 31'536'000);
    const std::string bearer =
        "Authorization: Bearer " + answer.at("access_token").get<std::string>();
    CHECK(curl({"-H", bearer, sandbox.url("/api/v2/users")}).status == 401);
    CHECK(curl({"-H", bearer, proxy.url("/api/v2/users")}).status == 200);
  }
}

TEST_CASE("stub token: one is had while the token endpoint is down, and counted as what it is") {
  const Sandbox sandbox({"--token-answers", "500,500,500,500,500,500"});
  const TemporaryDirectory directory;
  Proxy proxy(sandbox,
              kStub + Strings{"--admin", "127.0.0.1:0", "--access-log", directory.path("access"),
                              "--access-log-query", "--log-level", "debug"});
  const Reply reply = curl({"-u", "sent-id:sent-secret", "-d", "password=sent-secret",
                            proxy.url("/oauth/token?client_secret=sent-secret")});
  CHECK(reply.status == 200);
  const std::string metrics = curl({proxy.admin_url("/metrics")}).body;
  CHECK(holds(metrics, R"(bearer_proxy_own_answers_total{error="stub_token",code="200"} 1)"));
  CHECK_FALSE(holds(metrics, "bearer_proxy_attempts_total{route=\"/\",reason=\"first\"} 1"));
  const std::string log = proxy.end();
  const std::string access = content(directory.path("access"));
  CHECK(holds(log, "stub_token"));
  CHECK(holds(access, R"("method":"POST","path":"/oauth/token","route":"/")"));
  CHECK(holds(access, R"("status":200,"attempts":0)"));
  for (const std::string& text : {log, access}) {
    CHECK_FALSE(holds(text, "sent-"));
    CHECK_FALSE(holds(text, "c2VudC"));  // in base64
    CHECK_FALSE(holds(text, "eyJ"));
  }
}

TEST_CASE("stub token: other methods go to the upstream, and who is not served gets none") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox, kStub);
  CHECK(curl({"-X", "PUT", "-d", "x", proxy.url("/oauth/token")}).status != 200);
  CHECK_FALSE(holds(curl({proxy.url("/oauth/token")}).body, "access_token"));
  CHECK(ask_for_token(proxy, {"-H", "Host: evil.example"}).status == 421);
  CHECK(ask_for_token(proxy, {"-H", "Origin: https://evil.example"}).status == 403);
  CHECK(ask_for_token(proxy, {"-H", "Sec-Fetch-Site: cross-site"}).status == 403);
}

TEST_CASE("stub token: the page of a served origin may read its placeholder") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox, kStub + Strings{"--allow-origin", "https://app.example.com"});
  const Reply reply = ask_for_token(proxy, {"-H", "Origin: https://app.example.com"});
  CHECK(reply.status == 200);
  CHECK(reply.field("Access-Control-Allow-Origin") == "https://app.example.com");
}
