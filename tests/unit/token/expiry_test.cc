#include "token/expiry.h"

#include <doctest/doctest.h>

#include <optional>

using namespace bearer;
using namespace std::chrono_literals;

namespace {

constexpr base::Instant kSent{1000s};
constexpr base::WallTime kWall{1'700'000'000s};

base::Duration lifetime(std::optional<base::Duration> expires_in,
                        std::optional<base::Duration> exp,  // from kWall
                        std::optional<std::chrono::seconds> date = {}) {
  token::ExpiryFacts facts{.sent = kSent, .wall = kWall, .expires_in = expires_in};
  if (exp) facts.exp = kWall + *exp;
  if (date) facts.date = std::chrono::sys_seconds(1'700'000'000s) + *date;
  return token::expiry(facts) - kSent;
}

}  // namespace

TEST_CASE("a token ends at the earlier of expires_in and exp") {
  struct Case {
    const char* what;
    std::optional<base::Duration> expires_in, exp;
    std::optional<std::chrono::seconds> date;
    base::Duration lifetime;
  };
  const Case cases[] = {
      {"neither is known: an hour", {}, {}, {}, 1h},
      {"neither is known, Date or not", {}, {}, 5s, 1h},
      {"expires_in alone", 300s, {}, {}, 300s},
      {"exp by our own clock where there is no Date", {}, 300s, {}, 300s},
      {"exp by the endpoint's clock, which may be a second on", {}, 300s, 0s, 299s},
      {"the endpoint's clock is an hour ahead of ours", {}, 1h + 300s, 3600s, 299s},
      {"the endpoint's clock is an hour behind ours", {}, -1h + 300s, -3600s, 299s},
      {"exp is the earlier", 3600s, 300s, 0s, 299s},
      {"expires_in is the earlier", 60s, 300s, 0s, 60s},
      {"exp has passed", 3600s, -5s, 0s, 0s},
      {"a short life keeps its fraction", 1500ms, {}, {}, 1500ms},
      {"absurdly long", base::Duration::max(), {}, {}, token::kLifetimeMax},
      {"a Date of the year 9999, beyond nanoseconds", {}, 300s, 251'702'300'799s, 0s},
      {"a Date of the year 0", {}, 300s, -63'867'219'200s, token::kLifetimeMax},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(lifetime(c.expires_in, c.exp, c.date) == c.lifetime);
  }
}

TEST_CASE("a token is renewed ahead of its end by the margin and a jitter on top") {
  struct Case {
    base::Duration lifetime, margin;
    double chance;
    base::Duration renewed_after;
  };
  const Case cases[] = {
      {3600s, 120s, 0.0, 3480s}, {3600s, 120s, 0.5, 3474s}, {3600s, 120s, 0.999'999'999, 3468s},
      {200s, 120s, 0.0, 100s},  // the margin is never more than half
      {200s, 120s, 0.5, 95s},   // and the jitter is of the halved one
      {3s, 300s, 0.0, 1500ms},   {3600s, 0s, 0.9, 3600s},
  };
  for (const Case& c : cases) {
    CAPTURE(c.lifetime.count());
    CAPTURE(c.chance);
    const auto after = token::renewal(kSent, kSent + c.lifetime, c.margin, c.chance) - kSent;
    CHECK(std::chrono::abs(after - c.renewed_after) < 1ms);
  }
}
