#include "http/quota.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/unit/http/field_list.h"

using namespace bearer;
using namespace bearer::http;
using namespace std::chrono;
using bearer::http::test::Fields;

namespace {

constexpr base::WallTime kNow = sys_days(2026y / 3 / 15) + 12h;  // 1773576000

std::optional<Quota> quota(const FieldList& fields) {
  return strictest_quota(QuotaClaims(fields, kNow), 1h);
}

}  // namespace

TEST_CASE("a quota is read in every form that it comes in") {
  const Quota expected{100, 40, 30s};
  const Fields forms[] = {
      {{"inin-ratelimit-count", "60"},
       {"inin-ratelimit-allowed", "100"},
       {"inin-ratelimit-reset", "30"}},
      {{"RateLimit-Limit", "100"}, {"RateLimit-Remaining", "40"}, {"RateLimit-Reset", "30"}},
      {{"RateLimit-Limit", "100, 100;w=60"},
       {"RateLimit-Remaining", "40"},
       {"RateLimit-Reset", "30"}},
      {{"RateLimit", R"("default";r=40;t=30)"}, {"RateLimit-Policy", R"("default";q=100;w=60)"}},
      {{"RateLimit", R"("default";r=40)"}, {"RateLimit-Policy", R"("default";q=100;w=30)"}},
      {{"RateLimit", "limit=100, remaining=40, reset=30"}},
      {{"X-RateLimit-Limit", "100"}, {"X-RateLimit-Remaining", "40"}, {"X-RateLimit-Reset", "30"}},
      {{"X-RateLimit-Limit", "100"},
       {"X-RateLimit-Remaining", "40"},
       {"X-RateLimit-Reset", "1773576030"}},
      {{"X-RateLimit-Limit", "100"},
       {"X-RateLimit-Remaining", "40"},
       {"X-RateLimit-Reset", "1773576030000"}},
      {{"X-RateLimit-Limit", "100"},
       {"X-RateLimit-Remaining", "40"},
       {"X-RateLimit-Reset", "1773579630"},
       {"Date", "Sun, 15 Mar 2026 13:00:00 GMT"}},
      {{"x-rate-limit-limit", "100"},
       {"x-rate-limit-remaining", "40"},
       {"x-rate-limit-reset", "1773576030"}},
      {{"X-RateLimit-Limit", "100"},
       {"X-RateLimit-Remaining", "40.0"},
       {"X-RateLimit-Reset", "2026-03-15T12:00:30Z"}},
      {{"X-RateLimit-Limit", "100"},
       {"X-RateLimit-Remaining", "40"},
       {"X-RateLimit-Reset-After", "30.0"}},
      {{"X-RateLimit-Limit", "100"},
       {"X-RateLimit-Remaining", "40"},
       {"X-RateLimit-Reset", "30000"}},  // seconds or milliseconds: nobody is held for hours
      {{"X-RateLimit-Limit", "100"},
       {"X-RateLimit-Remaining", "40"},
       {"X-RateLimit-Interval-Seconds", "30"}},
      {{"X-HubSpot-RateLimit-Max", "100"},
       {"X-HubSpot-RateLimit-Remaining", "40"},
       {"X-HubSpot-RateLimit-Interval-Milliseconds", "30000"}},
      {{"x-ratelimit-limit-requests", "100"},
       {"x-ratelimit-remaining-requests", "40"},
       {"x-ratelimit-reset-requests", "30s"},
       {"x-ratelimit-limit-tokens", "100"},
       {"x-ratelimit-remaining-tokens", "0"},
       {"x-ratelimit-reset-tokens", "6m0s"}},
      {{"anthropic-ratelimit-requests-limit", "100"},
       {"anthropic-ratelimit-requests-remaining", "40"},
       {"anthropic-ratelimit-requests-reset", "2026-03-15T12:00:30Z"},
       {"anthropic-ratelimit-output-tokens-remaining", "0"},
       {"anthropic-ratelimit-output-tokens-reset", "2026-03-15T12:05:00Z"}},
      {{"X-Rate-Limit-Requests-Quota", "100"},
       {"X-Rate-Limit-Requests-Left", "40"},
       {"X-Rate-Limit-Time-Reset-Ms", "30000"}},
      {{"X-RateLimit-Requests-Limit", "100"},
       {"X-RateLimit-Requests-Remaining", "40"},
       {"X-RateLimit-Requests-Reset", "1773576030000"}},
      {{"x-sib-ratelimit-limit", "100"},
       {"x-sib-ratelimit-remaining", "40"},
       {"x-sib-ratelimit-reset", "30"}},
      {{"X-RateLimit-Limit", "100"},
       {"X-RateLimit-Remaining", "40"},
       {"X-RateLimit-Next", "2026-03-15T12:00:30Z"}},
  };
  for (const Fields& fields : forms) {
    CAPTURE(static_cast<const FieldList&>(fields).begin()->name);
    CHECK(mentions_quota(fields));
    CHECK(quota(fields) == expected);
  }
}

TEST_CASE("a quota without its limit is one, without remainder or reset it is none") {
  CHECK(quota(Fields{{"X-RateLimit-Remaining", "4"}, {"X-RateLimit-Reset", "3"}}) ==
        Quota{std::nullopt, 4, 3s});
  CHECK_FALSE(quota(Fields{{"X-RateLimit-Limit", "4"}, {"X-RateLimit-Reset", "3"}}));
  CHECK_FALSE(quota(Fields{{"X-RateLimit-Limit", "4"}, {"X-RateLimit-Remaining", "3"}}));
  CHECK_FALSE(quota(Fields{{"inin-ratelimit-count", "4"}, {"inin-ratelimit-reset", "3"}}));
  CHECK_FALSE(quota(Fields{{"RateLimit", R"("default";r=40)"}}));
  CHECK_FALSE(quota(Fields{}));
  CHECK_FALSE(mentions_quota(Fields{{"X-Other", "4"}, {"Retry-After", "3"}}));
}

TEST_CASE("what is used beyond the limit leaves nothing, and a remainder beyond it raises it") {
  CHECK(quota(Fields{{"inin-ratelimit-count", "301"},
                     {"inin-ratelimit-allowed", "300"},
                     {"inin-ratelimit-reset", "0"}}) == Quota{300, 0, 0s});
  CHECK(quota(Fields{{"RateLimit", "limit=10, remaining=50, reset=5"}}) == Quota{50, 50, 5s});
}

TEST_CASE("a comma that may group digits joins no values") {
  const auto left = [](const char* remaining) {
    return quota(Fields{{"X-RateLimit-Limit", "9000000"},
                        {"X-RateLimit-Remaining", remaining},
                        {"X-RateLimit-Reset", "30"}})
        ->remaining;
  };
  CHECK(left("3,000") == 3);
  CHECK(left("3,000,000") == 3);
  CHECK(left("3, 000") == 0);
  CHECK(left("300,20") == 20);
  CHECK(left("300,0000") == 0);
}

TEST_CASE("values that a gateway has joined count as two fields do: the stricter one") {
  const Fields forms[] = {
      {{"X-RateLimit-Limit", "100"},
       {"X-RateLimit-Remaining", "70, 40"},
       {"X-RateLimit-Reset", "12, 30"}},
      {{"RateLimit-Limit", "100"}, {"RateLimit-Remaining", "40,41"}, {"RateLimit-Reset", "30,30"}},
      {{"RateLimit-Limit", "100, 100;w=60"},
       {"RateLimit-Remaining", "40"},
       {"RateLimit-Reset", "soon, 30"}},
      {{"X-RateLimit-Limit", "100"},
       {"X-RateLimit-Remaining", "many, 40"},
       {"X-RateLimit-Reset-After", "30.0, 0.5"}},
      {{"X-RateLimit-Limit", "100"},
       {"X-RateLimit-Remaining", "40"},
       {"X-RateLimit-Reset", "Sun, 15 Mar 2026 12:00:30 GMT, 1773576007"}},
      {{"X-RateLimit-Limit", "100"},
       {"X-RateLimit-Remaining", "40"},
       {"X-RateLimit-Reset", "90, 1773576030"}},  // what is clear comes before what is vague
      {{"RateLimit", "limit=100, remaining=40, reset=30, limit=100, remaining=70, reset=12"}},
      {{"RateLimit", "limit=100, remaining=70, reset=30"}, {"RateLimit", "remaining=40, reset=12"}},
      {{"inin-ratelimit-count", "59, 60"},
       {"inin-ratelimit-allowed", "100"},
       {"inin-ratelimit-reset", "30, 4"}},
  };
  for (const Fields& fields : forms) {
    CAPTURE(static_cast<const FieldList&>(fields).begin()->value);
    CHECK(quota(fields) == Quota{100, 40, 30s});
  }
  CHECK_FALSE(quota(Fields{{"X-RateLimit-Remaining", "a, b"}, {"X-RateLimit-Reset", "3"}}));
  CHECK_FALSE(quota(Fields{{"X-RateLimit-Remaining", "4"}, {"X-RateLimit-Reset", ", ,"}}));
}

TEST_CASE("a quota that lies is none") {
  struct Case {
    std::string_view limit, remaining, reset;
  };
  const Case lies[] = {
      {"0", "0", "30"},      // allows nothing
      {"0", "10", "30"},     //
      {"100", "40", "-30"},  // full again before now
      {"100", "40", "1773575998"},
      {"100", "40", "1000000001"},
      {"100", "40", "3601.0"},  // beyond the horizon
      {"100", "40", "1773579601"},
      {"100", "40", "31536000000"},  // in a thousand years
      {"100", "40", "99999999999999999999999"},
      {"100", "-1", "30"},  // not numbers
      {"100", "many", "30"},
      {"100", "99999999999999999999999", "30"},
      {"100", "40", "soon"},
      {"100", "40", ""},
  };
  for (const Case& c : lies) {
    CAPTURE(c.remaining);
    CAPTURE(c.reset);
    CHECK_FALSE(quota(Fields{{"X-RateLimit-Limit", c.limit},
                             {"X-RateLimit-Remaining", c.remaining},
                             {"X-RateLimit-Reset", c.reset}}));
  }
}

TEST_CASE("a second between a Date and an epoch is no lie") {
  CHECK(quota(Fields{{"X-RateLimit-Remaining", "4"}, {"X-RateLimit-Reset", "1773575999"}}) ==
        Quota{std::nullopt, 4, 0s});
}

TEST_CASE("of several quotas the strictest counts") {
  // Fewest a second.
  CHECK(quota(Fields{{"RateLimit", R"("burst";r=9;t=3, "hour";r=900;t=3000)"}}) ==
        Quota{std::nullopt, 900, 3000s});
  CHECK(quota(Fields{{"RateLimit", R"("burst";r=0;t=3, "hour";r=900;t=3000)"}}) ==
        Quota{std::nullopt, 0, 3s});
  // The one of two used-up quotas counts that is so for longer.
  CHECK(quota(Fields{{"RateLimit", R"("burst";r=0;t=3, "hour";r=0;t=3000)"}}) ==
        Quota{std::nullopt, 0, 3000s});
  // A quota that leaves requests for no time at all is no limit.
  CHECK(quota(Fields{{"RateLimit", R"("a";r=1;t=0, "b";r=50;t=50)"}}) ==
        Quota{std::nullopt, 50, 50s});
  // A day's quota is no reason to forget the minute's.
  CHECK(quota(Fields{{"RateLimit", R"("burst";r=9;t=3, "day";r=1;t=80000)"}}) ==
        Quota{std::nullopt, 9, 3s});
  // Bytes are not requests.
  CHECK(quota(Fields{{"RateLimit", R"("a";r=0;t=9, "b";r=5;t=9)"},
                     {"RateLimit-Policy", R"("a";q=1;qu="content-bytes")"}}) ==
        Quota{std::nullopt, 5, 9s});
}

TEST_CASE("of fields that disagree the strictest counts, wherever it stands") {
  const auto disagreeing = [](std::string_view inin, std::string_view x, std::string_view ietf) {
    return quota(Fields{{"inin-ratelimit-count", inin},
                        {"inin-ratelimit-allowed", "100"},
                        {"inin-ratelimit-reset", "10"},
                        {"X-RateLimit-Remaining", x},
                        {"X-RateLimit-Reset", "10"},
                        {"RateLimit-Remaining", ietf},
                        {"RateLimit-Reset", "10"}})
        ->remaining;
  };
  CHECK(disagreeing("99", "2", "3") == 1);
  CHECK(disagreeing("97", "1", "2") == 1);
  CHECK(disagreeing("97", "2", "1") == 1);
  CHECK(disagreeing("97", "none", "4") == 3);
}

TEST_CASE("quotas that differ in name, limit or family are not the same") {
  const auto identity = [](const Fields& fields) {
    const QuotaClaims claims(fields, kNow);
    REQUIRE(claims.end() - claims.begin() == 1);
    return claims.begin()->identity();
  };
  const std::uint64_t core =
      identity({{"X-RateLimit-Limit", "5000"}, {"X-RateLimit-Resource", "core"}});
  CHECK(identity({{"X-RateLimit-Resource", "Core"},
                  {"X-RateLimit-Limit", "5000"},
                  {"X-RateLimit-Remaining", "7"},
                  {"X-RateLimit-Reset", "9"}}) == core);
  CHECK(identity({{"X-RateLimit-Limit", "5000"}, {"X-RateLimit-Resource", "search"}}) != core);
  CHECK(identity({{"X-RateLimit-Limit", "5000"}, {"X-RateLimit-Bucket", "abcd"}}) != core);
  CHECK(identity({{"X-RateLimit-Limit", "30"}, {"X-RateLimit-Resource", "core"}}) != core);
  CHECK(identity({{"X-RateLimit-Limit", "5000"}}) != core);
  CHECK(identity({{"RateLimit-Limit", "5000"}}) != identity({{"X-RateLimit-Limit", "5000"}}));
  CHECK(identity({{"RateLimit", R"("a";r=1)"}}) != identity({{"RateLimit", R"("b";r=1)"}}));
}

TEST_CASE("more policies than have a place leave the rest out, and every family has one") {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "p" + std::to_string(i) + ";r=1;t=1,";
  const Fields fields{{"RateLimit", many},
                      {"RateLimit-Limit", "1"},
                      {"X-RateLimit-Limit", "1"},
                      {"inin-ratelimit-count", "1"},
                      {"X-HubSpot-RateLimit-Max", "1"},
                      {"x-ratelimit-limit-requests", "1"},
                      {"x-ratelimit-limit-tokens", "1"},
                      {"anthropic-ratelimit-requests-limit", "1"},
                      {"anthropic-ratelimit-tokens-limit", "1"},
                      {"retry-after-ms", "1"}};
  const QuotaClaims claims(fields, kNow);
  CHECK(claims.end() - claims.begin() == 8 + 8);
}
