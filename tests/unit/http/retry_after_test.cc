#include "http/retry_after.h"

#include <doctest/doctest.h>

#include <chrono>
#include <map>

#include "tests/unit/http/field_list.h"

using namespace bearer;
using namespace std::chrono;
using base::Duration;
using http::FieldList;
using http::retry_delay;
using http::RetryDelay;
using http::test::Fields;

namespace {

constexpr base::WallTime kNow = sys_days(2026y / 3 / 15) + 12h;
constexpr const char* kDateAtNow = "Sun, 15 Mar 2026 12:00:00 GMT";
constexpr Duration kTenYears = years(10);

std::optional<Duration> delay_of_429(const Fields& fields) {
  const auto retry = retry_delay(429, fields, kNow);
  if (!retry) return std::nullopt;
  return retry->delay;
}

}  // namespace

TEST_CASE("Retry-After in seconds is the delay") {
  const std::map<std::string_view, Duration> cases{
      {"0", 0s},       {"1", 1s},   {"120", 120s}, {"007", 7s},
      {"1.5", 1500ms}, {"1.0", 1s}, {"-1", 0s},    {"-99999999999999999999", 0s},
  };
  for (const auto& [value, expected] : cases) {
    CAPTURE(value);
    CHECK(delay_of_429({{"Retry-After", value}}) == expected);
  }
}

TEST_CASE("of several Retry-After the longest counts, whatever their form and order") {
  CHECK(delay_of_429({{"Retry-After", "5"}, {"Retry-After", "30"}}) == 30s);
  CHECK(delay_of_429({{"Retry-After", "30"}, {"Retry-After", "5"}}) == 30s);
  CHECK(delay_of_429({{"Retry-After", "30"}, {"Retry-After", "soon"}}) == 30s);
  CHECK(delay_of_429({{"Date", kDateAtNow},
                      {"Retry-After", "5"},
                      {"Retry-After", "Sun, 15 Mar 2026 12:01:00 GMT"}}) == 60s);
}

TEST_CASE("an absurdly large Retry-After is ten years") {
  for (const char* value : {"400000000", "9223372036854775807", "18446744073709551616",
                            "99999999999999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"}) {
    CAPTURE(value);
    CHECK(delay_of_429({{"Retry-After", value}}) == kTenYears);
  }
}

TEST_CASE("Retry-After as a date counts from the response's own Date") {
  for (const char* value : {"Sun, 15 Mar 2026 13:00:30 GMT", "Sunday, 15-Mar-26 13:00:30 GMT",
                            "Sun Mar 15 13:00:30 2026"}) {
    CAPTURE(value);
    CHECK(delay_of_429({{"Retry-After", value}, {"Date", "Sun, 15 Mar 2026 13:00:00 GMT"}}) == 30s);
    CHECK(delay_of_429({{"Date", "Sun, 15 Mar 2026 14:00:00 GMT"}, {"Retry-After", value}}) == 0s);
  }
}

TEST_CASE("Retry-After as a date counts from now where Date is missing or malformed") {
  constexpr const char* kInAMinute = "Sun, 15 Mar 2026 12:01:00 GMT";
  CHECK(delay_of_429({{"Retry-After", kInAMinute}}) == 60s);
  CHECK(delay_of_429({{"Retry-After", kInAMinute}, {"Date", "today"}}) == 60s);
  CHECK(delay_of_429({{"Retry-After", kInAMinute}, {"Date", ""}}) == 60s);
}

TEST_CASE("values that an intermediary has joined are several: the longest counts") {
  for (const char* value :
       {"5, 30", "30,5", "30, 30", " 30 , soon", "soon, 30", ",30,", "30s, 5", "1773576030, 5",
        "Sun, 15 Mar 2026 12:00:30 GMT, 5", "5, Sun, 15 Mar 2026 12:00:30 GMT",
        "Sun, 15 Mar 2026 12:00:05 GMT, Sun, 15 Mar 2026 12:00:30 GMT",
        "2026-03-15T12:00:30Z, 5"}) {
    CAPTURE(value);
    CHECK(delay_of_429({{"Retry-After", value}}) == 30s);
  }
}

TEST_CASE("joined resets of a quota are waited out as long as the longest of them") {
  CHECK(delay_of_429({{"X-RateLimit-Reset", "7, 11"}}) == 11s);
  CHECK(delay_of_429({{"RateLimit-Reset", "6,6"}}) == 6s);
  CHECK(delay_of_429({{"X-RateLimit-Reset-After", "0.25, 8.5"}}) == 8500ms);
  CHECK(delay_of_429({{"inin-ratelimit-reset", "9, soon"}}) == 9s);
  CHECK(delay_of_429({{"X-RateLimit-Remaining", "5, 0"}, {"X-RateLimit-Reset", "600.0"}}) == 600s);
  CHECK_FALSE(delay_of_429({{"X-RateLimit-Reset", "soon, later"}}));
}

TEST_CASE("Retry-After counts with units, as an epoch, quoted, or as an ISO date") {
  for (const char* value : {"+30", "\"30\"", "30s", "30 seconds", "30.0", "1773576030",
                            "1773576030000", "2026-03-15T12:00:30Z", "0m30s",
                            "Sun, 15 Mar 2026 12:00:30 UTC", "Sun, 15 Mar 2026 12:00:30 +0000"}) {
    CAPTURE(value);
    CHECK(delay_of_429({{"Retry-After", value}}) == 30s);
  }
  CHECK(delay_of_429({{"Retry-After", "3000"}}) == 3000s);  // its unit is known
}

TEST_CASE("retry-after-ms and x-ms-retry-after-ms count in milliseconds, beside Retry-After") {
  CHECK(delay_of_429({{"retry-after-ms", "2500"}}) == 2500ms);
  CHECK(delay_of_429({{"x-ms-retry-after-ms", "2500"}}) == 2500ms);
  CHECK(delay_of_429({{"retry-after-ms", "2500"}, {"Retry-After", "3"}}) == 3s);
  CHECK(delay_of_429({{"retry-after-ms", "2500"}, {"Retry-After", "2"}}) == 2500ms);
  CHECK(delay_of_429({{"retry-after-ms", "2500"}, {"X-RateLimit-Reset", "50"}}) == 2500ms);
  CHECK(retry_delay(503, Fields{{"retry-after-ms", "2500"}}, kNow) == RetryDelay{2500ms, true});
}

TEST_CASE("a Retry-After that is no time is no Retry-After, and one that is over tells nothing") {
  for (const char* value : {"", "soon", "1e3", "0x10", "5 5", ".5", "1.x", "-", "NaN", "null",
                            "Sun, 32 Mar 2026 12:01:00 GMT", "Sun, 15 Mar 2026 12:01:00 PST"}) {
    CAPTURE(value);
    CHECK_FALSE(delay_of_429({{"Retry-After", value}}));
    CHECK(delay_of_429({{"Retry-After", value}, {"X-RateLimit-Reset", "9"}}) == 9s);
  }
  for (const char* value : {"0", "-5", "1773575000", "Sun, 15 Mar 2026 11:00:00 GMT"}) {
    CAPTURE(value);
    CHECK(delay_of_429({{"Retry-After", value}}) == 0s);
    CHECK(delay_of_429({{"Retry-After", value}, {"X-RateLimit-Reset", "9"}}) == 9s);
  }
}

TEST_CASE("Retry-After counts on any status and pauses the route on 429 and 503") {
  const std::map<int, bool> pauses{
      {429, true}, {503, true}, {500, false}, {502, false}, {200, false}};
  for (const auto& [status, pause] : pauses) {
    CAPTURE(status);
    CHECK(retry_delay(status, Fields{{"Retry-After", "5"}}, kNow) == RetryDelay{5s, pause});
  }
}

TEST_CASE("a reset counts where a request failed, and is left to pacing where it can be") {
  const Fields fields{{"RateLimit-Reset", "5"}};
  CHECK(retry_delay(429, fields, kNow) == RetryDelay{5s, true});
  const Fields known{{"RateLimit-Reset", "5"}, {"RateLimit-Remaining", "0"}};
  CHECK(retry_delay(429, known, kNow) == RetryDelay{5s, false});
  CHECK(retry_delay(403, known, kNow) == RetryDelay{5s, false});
  for (const int status : {200, 401, 403, 404}) CHECK_FALSE(retry_delay(status, fields, kNow));
  for (const int status : {408, 500, 502, 504}) {
    CHECK(retry_delay(status, fields, kNow) == RetryDelay{5s, false});
  }
  CHECK(retry_delay(503, fields, kNow) == RetryDelay{5s, true});
  CHECK_FALSE(retry_delay(429, Fields{}, kNow));
}

TEST_CASE("a limit that a failure merely mentions does not hold the request") {
  const Fields far{{"RateLimit-Reset", "61"}};
  CHECK_FALSE(retry_delay(503, far, kNow));
  CHECK(retry_delay(429, far, kNow) == RetryDelay{61s, true});
  const Fields left{{"RateLimit-Reset", "5"}, {"RateLimit-Remaining", "7"}};
  CHECK_FALSE(retry_delay(503, left, kNow));
  const Fields used{{"RateLimit-Reset", "900"}, {"RateLimit-Remaining", "0"}};
  CHECK(retry_delay(503, used, kNow) == RetryDelay{900s, false});
}

TEST_CASE("a reset counts on any status that its reader takes for a failure, as on a 5xx") {
  const auto delay = [](int status, const Fields& fields) {
    return retry_delay(status, fields, kNow, true);
  };
  for (const int status : {404, 409, 420, 423, 425}) {
    CAPTURE(status);
    CHECK(delay(status, Fields{{"RateLimit-Reset", "4"}}) == RetryDelay{4s, false});
    CHECK(delay(status, Fields{{"X-RateLimit-Reset", "40"}, {"X-RateLimit-Remaining", "0"}}) ==
          RetryDelay{40s, false});
    CHECK(delay(status, Fields{{"Retry-After", "6"}, {"RateLimit-Reset", "4"}}) ==
          RetryDelay{6s, false});
    // Such fields are on each answer of many APIs.
    CHECK_FALSE(delay(status, Fields{{"X-RateLimit-Reset", "40"}, {"X-RateLimit-Remaining", "9"}}));
    CHECK_FALSE(delay(status, Fields{{"RateLimit-Reset", "61"}}));
  }
}

TEST_CASE("each rate-limit field is seconds, an epoch, or an epoch in milliseconds") {
  for (const char* name :
       {"RateLimit-Reset", "X-RateLimit-Reset", "x-ratelimit-reset", "X-Rate-Limit-Reset",
        "X-RateLimit-Reset-After", "X-RateLimit-Retry-After", "x-ratelimit-reset-requests",
        "x-ratelimit-reset-tokens", "anthropic-ratelimit-requests-reset", "inin-ratelimit-reset"}) {
    CAPTURE(name);
    CHECK(delay_of_429({{name, "30"}}) == 30s);
    CHECK(delay_of_429({{name, "0"}}) == 0s);
    CHECK(delay_of_429({{name, "-3"}}) == 0s);
    CHECK(delay_of_429({{name, "1000000001"}}) == 0s);  // an epoch of 2001
    CHECK(delay_of_429({{name, "1773576030"}}) == 30s);
    CHECK(delay_of_429({{name, "1773576029.25"}}) == 29'250ms);
    CHECK(delay_of_429({{name, "2026-03-15T12:00:30Z"}}) == 30s);
    CHECK(delay_of_429({{name, "Sun, 15 Mar 2026 12:00:30 GMT"}}) == 30s);
    CHECK(delay_of_429({{name, "6m0s"}}) == 6min);
    CHECK(delay_of_429({{name, "1773576030500"}}) == 30500ms);
    CHECK(delay_of_429({{name, "1773575999000"}}) == 0s);
    CHECK(delay_of_429({{name, "99999999999999999999999"}}) == kTenYears);
    CHECK_FALSE(delay_of_429({{name, "later"}}));
  }
}

TEST_CASE("an epoch counts from the response's own Date") {
  CHECK(delay_of_429({{"X-RateLimit-Reset", "1773576030"}, {"Date", kDateAtNow}}) == 30s);
  CHECK(delay_of_429({{"X-RateLimit-Reset", "1773579630"},
                      {"Date", "Sun, 15 Mar 2026 13:00:00 GMT"}}) == 30s);
}

TEST_CASE("RateLimit tells its reset in the new and the old form") {
  const std::map<std::string_view, std::optional<Duration>> cases{
      {R"("default";r=50;t=30)", 30s},
      {R"("default"; r=0; t=30)", 30s},
      {R"("default";t=30;r=0)", 30s},
      {R"(default;r=0;t=30)", 30s},
      {R"("odd;t=7,t=8";r=0;t=30)", 30s},
      {R"("burst";r=0;t=3, "day";r=900;t=40000)", 3s},  // only what is used up has to be waited for
      {R"("burst";r=0;t=3, "day";r=0;t=40000)", 40000s},
      {R"("burst";r=5;t=3, "day";r=900;t=40000)", 3s},
      {R"("burst";r=0, "day";r=0;t=40)", 40s},
      {"limit=100, remaining=50, reset=50", 50s},
      {"limit=100, remaining=0, reset=50", 50s},
      {R"("hour";r=4990;t=3000)", 60s},  // another limit was met: which, nobody says
      {"reset=50, limit=100, remaining=0", 50s},
      {"limit=100,remaining=0,reset=1773576030", 30s},
      {R"("default";r=50)", std::nullopt},
      {R"("default";t=x)", std::nullopt},
      {"100", std::nullopt},
      {"", std::nullopt},
      {R"("open;t=3)", std::nullopt},
  };
  for (const auto& [value, expected] : cases) {
    CAPTURE(value);
    CHECK(delay_of_429({{"RateLimit", value}}) == expected);
  }
}

TEST_CASE("of resets that disagree the slowest counts of those that are used up or do not say") {
  CHECK(delay_of_429({{"inin-ratelimit-reset", "4"},
                      {"X-RateLimit-Reset", "3"},
                      {"RateLimit", "\"a\";t=2"},
                      {"RateLimit-Reset", "1"}}) == 4s);
  CHECK(delay_of_429({{"X-RateLimit-Reset", "?"}, {"RateLimit-Reset", "1"}}) == 1s);
  CHECK(delay_of_429({{"RateLimit", "\"a\";r=1;t=9"}, {"RateLimit", "\"b\";r=0;t=2"}}) == 2s);
  CHECK(delay_of_429({{"x-ratelimit-remaining-requests", "9"},
                      {"x-ratelimit-reset-requests", "50s"},
                      {"x-ratelimit-remaining-tokens", "0"},
                      {"x-ratelimit-reset-tokens", "6m0s"}}) == 6min);
  CHECK(delay_of_429({{"X-RateLimit-Reset", "1773576030"}, {"X-RateLimit-Reset-After", "2.5"}}) ==
        30s);
  CHECK(delay_of_429({{"RateLimit-Reset", "1"}, {"Retry-After", "7"}}) == 7s);
}

TEST_CASE(
    "a reset that may be milliseconds asks for its shorter reading, and a backoff beside it") {
  CHECK(retry_delay(429, Fields{{"X-RateLimit-Reset", "3000"}}, kNow) ==
        RetryDelay{3s, true, true});
  CHECK(retry_delay(429, Fields{{"X-RateLimit-Reset", "60"}}, kNow) ==
        RetryDelay{60s, true, false});
  CHECK(retry_delay(429, Fields{{"RateLimit-Reset", "3000"}}, kNow) ==
        RetryDelay{3000s, true, false});
  // Its window tells which it is.
  CHECK(retry_delay(429,
                    Fields{{"X-RateLimit-Limit", "100, 100;w=60"}, {"X-RateLimit-Reset", "3000"}},
                    kNow) == RetryDelay{3s, true, false});
  CHECK(retry_delay(429, Fields{{"X-RateLimit-Limit", "100;w=3600"}, {"X-RateLimit-Reset", "3000"}},
                    kNow) == RetryDelay{3000s, true, false});
}

TEST_CASE("a 429 is a rate limit, and a 403 that says when to come back or that nothing is left") {
  struct Case {
    int status;
    Fields fields;
    bool limit;
  };
  const Case cases[] = {
      {429, {}, true},
      {403, {}, false},
      {403, {{"Retry-After", "1"}}, true},
      {403, {{"Retry-After", "0"}}, true},
      {403, {{"Retry-After", "soon"}}, false},
      {403, {{"retry-after-ms", "100"}}, true},
      {403, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "9"}}, true},
      {403, {{"X-RateLimit-Remaining", "0"}}, true},
      {403, {{"X-Rate-Limit-Remaining", "0"}}, true},
      {403, {{"RateLimit", "\"a\";r=0;t=5"}}, true},
      {403, {{"inin-ratelimit-count", "300"}, {"inin-ratelimit-allowed", "300"}}, true},
      {403, {{"X-RateLimit-Remaining", "57"}, {"X-RateLimit-Reset", "9"}}, false},
      {403, {{"X-RateLimit-Reset", "9"}}, false},
      {403, {{"X-RateLimit-Remaining", "none"}}, false},
      {401, {{"Retry-After", "1"}}, false},
      {503, {{"Retry-After", "1"}}, false},
      {200, {{"X-RateLimit-Remaining", "0"}}, false},
  };
  for (const Case& c : cases) {
    const FieldList& fields = c.fields;
    CAPTURE(c.status);
    if (!fields.empty()) CAPTURE(fields.begin()->value);
    CHECK(http::is_rate_limit(c.status, fields, kNow) == c.limit);
  }
}

TEST_CASE("a server may say that another try is in vain") {
  for (const char* name : {"x-should-retry", "Stripe-Should-Retry", "X-Should-Retry"}) {
    for (const char* value : {"false", "False", "\"false\""}) {
      CHECK(http::forbids_retry(Fields{{name, value}}));
    }
    for (const char* value : {"true", "", "no", "0", "falsely"}) {
      CHECK_FALSE(http::forbids_retry(Fields{{name, value}}));
    }
  }
  CHECK_FALSE(http::forbids_retry(Fields{{"should-retry", "false"}}));
}
