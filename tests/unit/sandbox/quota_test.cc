#include "tests/sandbox/quota.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "tests/sandbox/sandbox.h"

using namespace bearer::sandbox;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kStart{1'773'576'000s};

QuotaOptions options(std::string_view text, QuotaFields fields = QuotaFields::inin) {
  QuotaOptions options = parse_quota(text);
  options.fields = fields;
  return options;
}

}  // namespace

TEST_CASE("each token has its quota, in windows that begin with a request") {
  Quota quota(options("2/10s"));
  CHECK(quota.take("a", kStart).admitted);
  CHECK(quota.take("a", kStart + 1s).admitted);
  CHECK_FALSE(quota.take("a", kStart + 10s - 1ms).admitted);
  CHECK(quota.take("b", kStart + 2s).admitted);
  CHECK(quota.take("a", kStart + 25s).admitted);
  CHECK(quota.take("a", kStart + 34s).admitted);
  CHECK_FALSE(quota.take("a", kStart + 34s).admitted);
  CHECK(quota.to_json() == nlohmann::ordered_json{{"admitted", 5}, {"refused", 2}, {"windows", 3}});
}

TEST_CASE("the quota is told in the fields that were asked for") {
  const auto told = [](QuotaFields form) {
    Quota quota(options("1/10s", form));
    quota.take("a", kStart);
    std::string text;
    for (const auto& [name, value] : quota.take("a", kStart + 2500ms).fields) {
      text += name + "=" + value + " ";
    }
    return text;
  };
  CHECK(told(QuotaFields::inin) ==
        "inin-ratelimit-count=2 inin-ratelimit-allowed=1 inin-ratelimit-reset=8 Retry-After=8 ");
  CHECK(told(QuotaFields::ietf) ==
        "RateLimit-Policy=\"default\";q=1;w=10 RateLimit=\"default\";r=0;t=8 Retry-After=8 ");
  CHECK(told(QuotaFields::x) ==
        "X-RateLimit-Limit=1 X-RateLimit-Remaining=0 X-RateLimit-Reset=1773576010 Retry-After=8 ");
  CHECK(told(QuotaFields::none) == "Retry-After=8 ");
}

TEST_CASE("a quota is written as requests and a window") {
  CHECK(parse_quota("300/m").requests == 300);
  CHECK(parse_quota("300/m").window == 60s);
  CHECK(parse_quota("5/500ms").window == 500ms);
  for (const char* text : {"", "300", "0/m", "x/m", "3/0s", "3/x"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_quota(text), std::invalid_argument);
  }
  CHECK_THROWS_AS(parse_quota_fields("y"), std::invalid_argument);
}

TEST_CASE("beyond its quota a token gets a 429 from the API, and from nothing else") {
  Sandbox sandbox({.quota = options("1/1h")});
  const auto send = [&](const std::string& method, const std::string& path,
                        const std::string& authorization) {
    Request request;
    request.method = method;
    request.target = request.path = path;
    request.authorization = authorization;
    request.body = "grant_type=client_credentials";
    return sandbox.answer(request);
  };
  const Answer granted = send("POST", "/oauth/token", "Basic c2FuZGJveDpzYW5kYm94LXNlY3JldA==");
  const auto token = nlohmann::json::parse(granted.body)["access_token"].get<std::string>();
  CHECK(send("GET", "/api/v2/users", "Bearer " + token).status == 200);
  const Answer refused = send("GET", "/api/v2/users", "Bearer " + token);
  CHECK(refused.status == 429);
  CHECK(find(refused.fields, "inin-ratelimit-count") == "2");
  CHECK(send("GET", "/echo", "").status == 200);
  CHECK(send("GET", "/api/v2/users", "").status == 401);
}
