// A fetch that follows another one, whose token it is made with.
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>

#include "tests/support/captured.h"
#include "tests/support/content.h"
#include "tests/support/owned_clock.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/token/oauth/oauth_fetching.h"
#include "token/expiry.h"
#include "token/oauth/oauth_fetcher.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::oauth_fetching;

namespace {

/// Gives tokens `first1`, `first2`, ..., or fails.
class First final : public token::Fetcher {
 public:
  First(const base::Clock& clock, bool fails) : clock_(clock), fails_(fails) {}
  net::Task<base::Result<token::Fetched>> fetch() override {
    if (fails_) co_return base::Error{base::Errc::token_rejected, "the first said no", "check it"};
    co_return token::Fetched{.value = base::Secret("first" + std::to_string(++count_)),
                             .sent = clock_.now(),
                             .expires = clock_.now() + 1h,
                             .scope = {}};
  }

 private:
  const base::Clock& clock_;
  const bool fails_;
  int count_ = 0;
};

}  // namespace

TEST_CASE("the token of a request that comes first is the authorization of the second") {
  Fixture f;
  f.options.grant = token::Grant::other;
  f.options.auth_method = token::ClientAuth::none;
  f.options.client_id.clear();
  f.options.ways.body = token::TokenBody::json;
  f.options.ways.members = {.token = "accessToken", .expiry = "expireTime"};
  f.options.token_params = {{"scope", R"(["s1","s2"])"}};
  const auto fetcher = f.fetcher(R"({"accessToken":"second","expireTime":"2070-01-01T00:00:00Z"})",
                                 200, std::make_unique<First>(f.time, false));
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.endpoint->asked.authorization.reveal() == "Bearer first1");
  CHECK(f.endpoint->asked.form.reveal() == R"({"scope":["s1","s2"]})");
  CHECK(fetcher->fetch()->value.reveal() == "second");
  CHECK(f.endpoint->asked.authorization.reveal() == "Bearer first2");  // asked for each time
}

TEST_CASE("the token of a request that comes first is exchanged, and never quoted") {
  Fixture f;
  f.options.grant = token::Grant::token_exchange;
  f.options.auth_method = token::ClientAuth::none;
  f.options.client_id.clear();
  f.options.before_is_subject = true;
  const auto fetcher =
      f.fetcher(R"({"error":"invalid_grant","error_description":"first1 is not known"})", 400,
                std::make_unique<First>(f.time, false));
  const auto fetched = fetcher->fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().detail ==
        "the token endpoint answered 400 invalid_grant (*** is not known)");
  const std::string form(f.endpoint->asked.form.reveal());
  CHECK(form.find("&subject_token=first1") != std::string::npos);
  CHECK(f.endpoint->asked.authorization.empty());
}

TEST_CASE("where the first request fails, the second is not made") {
  Fixture f;
  const auto fetcher =
      f.fetcher(R"({"access_token":"t"})", 200, std::make_unique<First>(f.time, true));
  CHECK(fetcher->fetch().error().sentence() == "the first said no: check it");
  CHECK(f.endpoint->asked.form.empty());
}

TEST_CASE("a refresh token beside a nested token is kept") {
  Fixture f;
  f.options.grant = token::Grant::refresh_token;
  f.options.refresh_token_file = f.directory.write("rt", "rt1");
  f.options.ways.members.token = "body.access_token";
  const auto fetched =
      f.fetcher(R"({"status":0,"body":{"access_token":"t","refresh_token":"rt2"}})")->fetch();
  REQUIRE(fetched.has_value());
  CHECK(test::content(f.options.refresh_token_file) == "rt2\n");
}
