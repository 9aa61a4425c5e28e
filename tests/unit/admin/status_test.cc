#include "admin/status.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace bearer;
using namespace std::chrono_literals;
using admin::CredentialStatus;
using admin::Status;
using nlohmann::json;

namespace {

Status with(CredentialStatus credential) {
  Status status;
  status.version = "1.2.3";
  status.credentials.push_back(std::move(credential));
  return status;
}

std::optional<std::string> why_unready(const Status& status) {
  return admin::unready(status.draining, status.credentials);
}

CredentialStatus good() {
  CredentialStatus credential{.name = "crm", .source = "https://login", .state = "good"};
  credential.valid = true;
  credential.expires = 90500ms;
  return credential;
}

}  // namespace

TEST_CASE("ready is who has a valid token of every credential, and does not drain") {
  Status status = with(good());
  CHECK_FALSE(why_unready(status));
  status.draining = true;
  CHECK(why_unready(status)->starts_with("a drain is under way"));
  CHECK(json::parse(admin::status_json(status))["ready"] == false);

  CredentialStatus failed = good();
  failed.valid = false;
  failed.reason = "401 invalid_client: check client_id";
  CHECK(why_unready(with(failed)) ==
        "credential crm has no valid token: 401 invalid_client: check client_id");
  failed.reason.clear();
  CHECK(why_unready(with(failed))->find("https://login") != std::string::npos);
}

TEST_CASE("a credential whose renewal fails is ready as long as its token is valid") {
  CredentialStatus failing = good();
  failing.state = "unavailable";
  failing.reason = "connection refused";
  const Status status = with(failing);
  CHECK_FALSE(why_unready(status));
  const json shown = json::parse(admin::status_json(status));
  CHECK(shown["ready"] == true);
  CHECK(shown["credentials"][0]["reason"] == "connection refused");
  CHECK(shown["credentials"][0]["expires_in_s"] == 90.5);
  CHECK_FALSE(shown["credentials"][0].contains("next_try_in_s"));
}

TEST_CASE("a route shows its counts, and only what there is") {
  Status status;
  admin::RouteStatus route;
  route.route = "/";
  route.requests.successful = 7;
  route.retries["status_429"] = 2;
  route.waited["backoff"] = 1500ms;
  status.routes.push_back(route);
  const json bare = json::parse(admin::status_json(status))["routes"][0];
  CHECK(bare["requests"]["2xx"] == 7);
  CHECK(bare["retries"] == json{{"status_429", 2}});
  CHECK(bare["waited_s"] == json{{"backoff", 1.5}});
  for (const char* absent : {"latency_s", "paused_for_s", "quota"})
    CHECK_FALSE(bare.contains(absent));

  base::LatencyRecorder recorder;
  recorder.record(2ms);
  status.routes[0].latencies = recorder.read();
  status.routes[0].paused = 2s;
  status.routes[0].quota = {300, 12, 20s};
  const json full = json::parse(admin::status_json(status))["routes"][0];
  CHECK(full["latency_s"]["p50"] <= 0.002);
  CHECK(full["latency_s"]["p50"] > 0.001);
  CHECK(full["paused_for_s"] == 2);
  CHECK(full["quota"] == json{{"limit", 300}, {"remaining", 12}, {"reset_in_s", 20}});
}

TEST_CASE("what others wrote is JSON whatever its bytes are") {
  CredentialStatus credential = good();
  credential.reason = "\xff\"</script>\n";
  const json shown = json::parse(admin::status_json(with(credential)));
  CHECK(shown["credentials"][0]["reason"] == "\uFFFD\"</script>\n");
}
