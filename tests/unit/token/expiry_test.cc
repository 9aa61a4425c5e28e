#include "token/expiry.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>

#include "base/encoding.h"
#include "tests/support/owned_clock.h"

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

namespace {

std::string jwt_until(base::WallTime end) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(end.time_since_epoch()).count();
  return "e30." + base::base64url_encode("{\"exp\":" + std::to_string(seconds) + "}") + ".c2ln";
}

struct Given {
  token::TokenResponse response{.access_token = base::Secret("tok"), .expires_in = {}};
  test::OwnedClock clock;

  base::Result<token::Fetched> take(bool just_made, bool dated = true) {
    token::Asked asked{clock.now(), clock.wall()};
    if (dated) asked.date = std::chrono::floor<std::chrono::seconds>(clock.wall());
    asked.just_made = just_made;
    return token::with_expiry(response, asked, clock, "check it");
  }
};

}  // namespace

TEST_CASE("an end in the past says nothing of a token that was just made, and that is remarked") {
  for (const bool dated : {true, false}) {
    CAPTURE(dated);
    Given given;
    SUBCASE("a moment") {
      given.response.expires_at = given.clock.wall() - 5h;
    }
    SUBCASE("the one of 1970") {
      given.response.expires_at = base::WallTime();
    }
    SUBCASE("a JWT's") {
      given.response.access_token = base::Secret(jwt_until(given.clock.wall() - 90min));
    }
    SUBCASE("a negative lifetime") {
      given.response.lifetime_is_negative = true;
    }
    auto fetched = given.take(/*just_made=*/true, dated);
    REQUIRE(fetched.has_value());
    CHECK(fetched->lifetime() == token::kLifetimeUnknown);
    CHECK(fetched->past_end);
    CHECK(fetched->remark.find("taken to last 1 h") != std::string::npos);

    given.response.expires_in = 700s;
    given.response.remark = "more";
    fetched = given.take(/*just_made=*/true, dated);
    REQUIRE(fetched.has_value());
    CHECK(fetched->lifetime() == 700s);
    CHECK_FALSE(fetched->past_end);
    CHECK(fetched->remark.starts_with("more; the new token"));

    CHECK_FALSE(given.take(/*just_made=*/false, dated).has_value());
  }
}

TEST_CASE("of two ends the one that is not past counts") {
  Given given;
  given.response.expires_at = given.clock.wall() - 8h;
  given.response.access_token = base::Secret(jwt_until(given.clock.wall() + 601s));
  const auto fetched = given.take(/*just_made=*/true);
  REQUIRE(fetched.has_value());
  CHECK(fetched->lifetime() <= 601s);
  CHECK(fetched->lifetime() >= 599s);
  CHECK_FALSE(fetched->past_end);
}

TEST_CASE("an end that is ahead counts for a token that was just made, too, without a remark") {
  Given given;
  given.response.expires_at = given.clock.wall() + 300s;
  const auto fetched = given.take(/*just_made=*/true, /*dated=*/false);
  REQUIRE(fetched.has_value());
  CHECK(fetched->lifetime() == 300s);
  CHECK(fetched->remark == "");
}

TEST_CASE("a file's or a command's token that has ended is refused") {
  Given given;
  SUBCASE("a moment") {
    given.response.expires_at = given.clock.wall() - 1s;
  }
  SUBCASE("a negative lifetime") {
    given.response.lifetime_is_negative = true;
    CHECK(given.take(false).error().detail.find("negative") != std::string::npos);
  }
  const auto fetched = given.take(/*just_made=*/false);
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().code == base::Errc::token_malformed);
  CHECK(fetched.error().fix == "check it");
}
