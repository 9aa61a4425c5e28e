#include "http/retry_after.h"

#include <doctest/doctest.h>

#include <chrono>
#include <map>

#include "tests/unit/http/field_list.h"

using namespace bearer;
using namespace std::chrono;
using base::Duration;
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
      {"0", 0s},     {"1", 1s},
      {"120", 120s}, {"007", 7s},
      {"1.5", 2s},   {"1.0", 1s},  // a decimal is rounded up: never earlier
      {"-1", 0s},    {"-99999999999999999999", 0s},
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
  for (const char* value :
       {"400000000", "1773579600", "9223372036854775807", "18446744073709551616",
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

TEST_CASE("a Retry-After that is neither is no Retry-After") {
  for (const char* value : {"", "soon", "5s", "1e3", "0x10", "+5", "5 5", "5,6", ".5", "1.x", "-",
                            "2026-03-15T12:01:00Z", "Sun, 32 Mar 2026 12:01:00 GMT"}) {
    CAPTURE(value);
    CHECK_FALSE(delay_of_429({{"Retry-After", value}}));
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

TEST_CASE("a rate-limit reset counts on a 429 only, and never pauses the route") {
  const Fields fields{{"RateLimit-Reset", "5"}};
  CHECK(retry_delay(429, fields, kNow) == RetryDelay{5s, false});
  for (const int status : {200, 401, 500, 503}) CHECK_FALSE(retry_delay(status, fields, kNow));
  CHECK_FALSE(retry_delay(429, Fields{}, kNow));
}

TEST_CASE("each rate-limit field is seconds, an epoch, or an epoch in milliseconds") {
  for (const char* name :
       {"RateLimit-Reset", "X-RateLimit-Reset", "x-ratelimit-reset", "inin-ratelimit-reset"}) {
    CAPTURE(name);
    CHECK(delay_of_429({{name, "30"}}) == 30s);
    CHECK(delay_of_429({{name, "0"}}) == 0s);
    CHECK(delay_of_429({{name, "-3"}}) == 0s);
    CHECK(delay_of_429({{name, "1000000000"}}) == kTenYears);  // not over 10^9 yet
    CHECK(delay_of_429({{name, "1000000001"}}) == 0s);         // an epoch of 2001
    CHECK(delay_of_429({{name, "1773576030"}}) == 30s);
    CHECK(delay_of_429({{name, "1773576029.25"}}) == 30s);
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

TEST_CASE("the first field that can be understood wins") {
  CHECK(delay_of_429({{"inin-ratelimit-reset", "4"},
                      {"X-RateLimit-Reset", "3"},
                      {"RateLimit", "\"a\";t=2"},
                      {"RateLimit-Reset", "1"}}) == 1s);
  CHECK(delay_of_429({{"inin-ratelimit-reset", "4"},
                      {"X-RateLimit-Reset", "3"},
                      {"RateLimit", "\"a\";t=2"},
                      {"RateLimit-Reset", "?"}}) == 2s);
  CHECK(delay_of_429({{"inin-ratelimit-reset", "4"}, {"X-RateLimit-Reset", "3"}}) == 3s);
  CHECK(delay_of_429({{"RateLimit", "\"a\";r=1;t=9"}, {"RateLimit", "\"b\";r=0;t=2"}}) == 2s);
  CHECK(delay_of_429({{"RateLimit-Reset", "1"}, {"Retry-After", "7"}}) == 7s);
}
