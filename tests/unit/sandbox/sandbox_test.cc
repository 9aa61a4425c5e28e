#include "tests/sandbox/sandbox.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

using namespace bearer::sandbox;
using Json = nlohmann::json;

namespace {

constexpr const char* kBasic = "Basic c2FuZGJveDpzYW5kYm94LXNlY3JldA==";  // sandbox:sandbox-secret
constexpr const char* kQuery = "/api/v2/analytics/conversations/details/query";

Answer send(Sandbox& sandbox, const std::string& method, const std::string& path,
            const std::string& authorization = "", const std::string& body = "") {
  Request request;
  request.method = method;
  request.target = request.path = path;
  request.authorization = authorization;
  request.body = body;
  return sandbox.answer(request);
}

Answer ask_for_token(Sandbox& sandbox, const std::string& form = "grant_type=client_credentials") {
  return send(sandbox, "POST", "/oauth/token", kBasic, form);
}

std::string fetch_token(Sandbox& sandbox) {
  return "Bearer " + Json::parse(ask_for_token(sandbox).body)["access_token"].get<std::string>();
}

Json stats(Sandbox& sandbox) {
  return Json::parse(send(sandbox, "GET", "/sandbox/stats").body);
}

}  // namespace

TEST_CASE("the token endpoint answers as RFC 6749 says") {
  Sandbox sandbox({});
  const Answer granted = ask_for_token(sandbox, "grant_type=client_credentials&scope=a+b");
  const Json token = Json::parse(granted.body);
  CHECK(granted.status == 200);
  CHECK(find(granted.fields, "Cache-Control") == "no-store");
  CHECK(token["token_type"] == "bearer");
  CHECK(token["expires_in"] == 86400);
  CHECK(token["scope"] == "a b");

  const Answer refused =
      send(sandbox, "POST", "/oauth/token", "Basic eDp5", "grant_type=client_credentials");
  CHECK(refused.status == 401);
  CHECK(Json::parse(refused.body)["error"] == "invalid_client");
  CHECK_FALSE(Json::parse(refused.body)["error_description"].get<std::string>().empty());
  CHECK(Json::parse(ask_for_token(sandbox, "grant_type=password").body)["error"] ==
        "unsupported_grant_type");
}

TEST_CASE("the API wants a valid token and says what is wrong with another") {
  Sandbox sandbox({});
  const std::string token = fetch_token(sandbox);
  CHECK(send(sandbox, "GET", "/api/v2/users", token).status == 200);
  CHECK(send(sandbox, "POST", kQuery, token, R"({"interval":"a"})").status == 200);

  const Answer none = send(sandbox, "GET", "/api/v2/users");
  CHECK(none.status == 401);
  CHECK(find(none.fields, "WWW-Authenticate") == "Bearer realm=\"sandbox\"");
  const Answer unknown = send(sandbox, "POST", kQuery, "Bearer x");
  CHECK(unknown.status == 401);
  CHECK(find(unknown.fields, "WWW-Authenticate") ==
        "Bearer realm=\"sandbox\", error=\"invalid_token\"");
  CHECK(send(sandbox, "POST", "/sandbox/revoke").status == 204);
  CHECK(send(sandbox, "GET", "/api/v2/users", token).status == 401);
}

TEST_CASE("the stats say what was served, refused and injected") {
  Sandbox sandbox({.faults = parse_faults("5xx=100%,in-a-row=1")});
  const std::string token = fetch_token(sandbox);
  send(sandbox, "GET", "/api/v2/users", token);
  send(sandbox, "GET", "/api/v2/users", token);
  send(sandbox, "GET", "/api/v2/users");
  send(sandbox, "GET", "/nowhere");
  const Json seen = stats(sandbox);
  CHECK(seen["tokens"] == Json{{"issued", 1}, {"requests", 1}, {"revocations", 0}});
  CHECK(seen["refused"]["none"] == 1);
  CHECK(seen["faults"]["5xx"] == 1);
  CHECK(seen["answers"]["GET /api/v2/users"]["200"] == 1);
  CHECK(seen["answers"]["GET /api/v2/users"]["401"] == 1);
  CHECK(seen["answers"]["no such route"]["404"] == 1);
}

TEST_CASE("scripted token answers come once each, in order, then the endpoint's own") {
  Sandbox sandbox({.token_answers = "500,400-rate-limit"});
  const char* more =
      R"(["html",{"status":418,"body":"x","fields":{"A":"b"},"delay_ms":5},{"delay_ms":7}])";
  CHECK(send(sandbox, "POST", "/sandbox/next-token-answers", "", more).status == 204);

  CHECK(ask_for_token(sandbox).status == 500);
  CHECK(ask_for_token(sandbox).status == 400);
  CHECK(ask_for_token(sandbox).type == "text/html");
  const Answer teapot = ask_for_token(sandbox);
  CHECK(teapot.status == 418);
  CHECK(teapot.body == "x");
  CHECK(find(teapot.fields, "A") == "b");
  CHECK(teapot.delay == Milliseconds(5));
  const Answer late = ask_for_token(sandbox);
  CHECK(late.status == 200);
  CHECK(late.delay == Milliseconds(7));
  CHECK(ask_for_token(sandbox).delay == Milliseconds(0));
}

TEST_CASE("a script with a mistake is refused whole") {
  Sandbox sandbox({});
  for (const char* script : {"", "{", "{}", "[1]", R"(["500","nope"])", R"([{"status":"x"}])",
                             R"([{"status":500,"fields":{"A":1}}])"}) {
    CAPTURE(script);
    CHECK(send(sandbox, "POST", "/sandbox/next-token-answers", "", script).status == 400);
  }
  CHECK(ask_for_token(sandbox).status == 200);
  CHECK_THROWS_AS(Sandbox({.token_answers = "nope"}), std::invalid_argument);
}

TEST_CASE("latency and injected delays belong to the API alone") {
  Sandbox sandbox({.faults = parse_faults("delay=100%,delay-ms=30"), .latency = Milliseconds(20)});
  const std::string token = fetch_token(sandbox);
  CHECK(send(sandbox, "GET", "/api/v2/users", token).delay == Milliseconds(50));
  CHECK(send(sandbox, "GET", "/echo").delay == Milliseconds(0));
}

TEST_CASE("routes to practise on answer what they are asked for, without a token") {
  Sandbox sandbox({});
  CHECK(send(sandbox, "GET", "/bytes/100").pattern_size == 100);
  CHECK(send(sandbox, "GET", "/chunked/0").chunked);
  CHECK(send(sandbox, "DELETE", "/status/204").status == 204);
  CHECK(send(sandbox, "GET", "/delay/25").delay == Milliseconds(25));
  CHECK(Json::parse(send(sandbox, "PUT", "/echo").body)["method"] == "PUT");
  for (const char* path : {"/bytes/", "/bytes/x", "/bytes/-1", "/status/199", "/status/600",
                           "/delay/60001", "/chunked/99999999999999999999"}) {
    CAPTURE(path);
    CHECK(send(sandbox, "GET", path).status == 400);
  }
}
