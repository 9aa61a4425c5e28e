// Refresh tokens that rotate: saved, shared by processes, never spent twice.
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tests/support/captured.h"
#include "tests/support/content.h"
#include "tests/support/finished.h"
#include "tests/support/owned_clock.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/token/oauth/oauth_fetching.h"
#include "token/oauth/oauth_fetcher.h"
#include "token/secret/secret_file.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::oauth_fetching;

namespace {

struct RefreshFixture : Fixture {
  RefreshFixture() {
    options.grant = token::Grant::refresh_token;
    options.auth_method = token::ClientAuth::none;
    options.client_secret_file.clear();
    options.refresh_token_file = directory.write("refresh", "first\n");
  }
  std::string saved() const { return test::content(options.refresh_token_file); }
};

constexpr const char* kRotates =
    R"({"access_token":"tok","expires_in":60,"refresh_token":"second"})";

}  // namespace

TEST_CASE("a rotated refresh token is in its file when the access token is given out") {
  RefreshFixture f;
  const auto fetcher = f.fetcher(kRotates);
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.endpoint->asked.form.reveal() ==
        "grant_type=refresh_token&refresh_token=first&client_id=id");
  CHECK(f.saved() == "second\n");
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.endpoint->asked.form.reveal() ==
        "grant_type=refresh_token&refresh_token=second&client_id=id");
}

TEST_CASE("where a rotated refresh token could not be saved, it is said before one is asked for") {
  RefreshFixture f;
  const auto made = [&] { f.fetcher(kRotates); };
  CHECK(test::captured(STDERR_FILENO, made) == "");
  f.options.refresh_token_file = f.directory.path("none/refresh");
  const std::string said = test::captured(STDERR_FILENO, made);
  CHECK(test::says(said, "could not be saved, and would be lost"));
  CHECK(test::says(said, f.directory.path("none/refresh")));
}

TEST_CASE("a refresh token that was not rotated leaves its file alone") {
  for (const char* answer :
       {R"({"access_token":"tok"})", R"({"access_token":"tok","refresh_token":"first"})",
        R"({"access_token":"tok","refresh_token":7})"}) {
    RefreshFixture f;
    const auto before = token::file_fingerprint(f.options.refresh_token_file);
    REQUIRE(f.fetcher(answer)->fetch().has_value());
    CHECK(token::file_fingerprint(f.options.refresh_token_file) == before);
  }
}

TEST_CASE("a refresh token is saved also where its access token is of no use") {
  RefreshFixture f;
  const auto fetched = f.fetcher(R"({"access_token":"a b","refresh_token":"second"})")->fetch();
  CHECK_FALSE(fetched.has_value());
  CHECK(f.saved() == "second\n");
}

TEST_CASE(
    "a refresh token in camelCase is saved, whether the access token's name is known or not") {
  for (const bool known : {true, false}) {
    CAPTURE(known);
    RefreshFixture f;
    if (known) f.options.ways.members.token = "accessToken";
    const auto fetched =
        f.fetcher(R"({"accessToken":"tok","refreshToken":"second","expiresIn":90})")->fetch();
    CHECK(fetched.has_value() == known);
    CHECK(f.saved() == "second\n");
  }
}

TEST_CASE("a refresh token's own end is that by which the next token is wanted") {
  struct Case {
    const char* member;
    base::Duration renewable;
  };
  for (const Case& c :
       {Case{"\"refresh_expires_in\":25", 25s}, Case{"\"refresh_token_expires_in\":\"25\"", 25s},
        Case{"\"x_refresh_token_expires_in\":8726400", 8726400s}}) {
    CAPTURE(c.member);
    RefreshFixture f;
    const std::string answer =
        R"({"access_token":"t","expires_in":60,)" + std::string(c.member) + "}";
    const auto fetched = f.fetcher(answer)->fetch();
    REQUIRE(fetched.has_value());
    CHECK(fetched->renewable_until - fetched->sent == c.renewable);
    CHECK(fetched->lifetime() == 60s);
    Fixture other;  // whose refresh token nobody uses
    CHECK(other.fetcher(answer)->fetch()->renewable_until == base::kNever);
  }
  for (const char* member : {"\"refresh_expires_in\":0", "\"refresh_expires_in\":null",
                             "\"refresh_expires_in\":-1", "\"other\":5"}) {
    CAPTURE(member);
    RefreshFixture f;
    const auto fetched =
        f.fetcher(R"({"access_token":"t","expires_in":60,)" + std::string(member) + "}")->fetch();
    REQUIRE(fetched.has_value());
    CHECK(fetched->renewable_until == base::kNever);
  }
}

TEST_CASE("an endpoint that quotes a refresh token or an assertion does not get it into an error") {
  RefreshFixture f;
  const auto fetched =
      f.fetcher(R"({"error":"invalid_grant","error_description":"first is used up"})", 400)
          ->fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().detail == "the token endpoint answered 400 invalid_grant (*** is used up)");
}

namespace {

/// Answers when it is let, with the successor of the refresh token that it was sent.
class GatedEndpoint final : public token::Endpoint {
 public:
  explicit GatedEndpoint(net::Loop& loop) : loop_(loop), sleeper_(loop) {}

  net::Task<base::Result<token::Answer>> send(const token::TokenRequest& request) override {
    const std::string form(request.form.reveal());
    spent = form.substr(form.find("refresh_token=rt") + 16);
    spent = spent.substr(0, spent.find('&'));
    while (!open_) co_await sleeper_.sleep(base::kNever);
    co_return token::Answer{
        .status = 200,
        .body = base::Secret(R"({"access_token":"tok","refresh_token":"rt)" + spent + "x\"}"),
        .sent = loop_.clock().now(),
        .wall = loop_.clock().wall()};
  }
  void open() {
    open_ = true;
    sleeper_.wake();
  }

  std::string spent;

 private:
  net::Loop& loop_;
  net::Sleeper sleeper_;
  bool open_ = false;
};

struct Spender {
  explicit Spender(Fixture& f) : ending(f.loop) {
    auto gated = std::make_unique<GatedEndpoint>(f.loop);
    endpoint = gated.get();
    fetcher = f.make(std::move(gated));
  }
  void begin() {
    task = run();
    task.start();
  }
  net::Task<void> run() {
    fetched.emplace(co_await fetcher->fetch());
    ending.wake();
  }
  bool well() const { return fetched && fetched->has_value(); }

  GatedEndpoint* endpoint;
  std::unique_ptr<token::OauthFetcher> fetcher;
  std::optional<base::Result<token::Fetched>> fetched;
  net::Sleeper ending;
  net::Task<void> task;
};

struct SharedGrant : Fixture {
  SharedGrant() {
    options.grant = token::Grant::refresh_token;
    options.auth_method = token::ClientAuth::none;
    options.refresh_token_file = directory.write("grant", "rt1");
  }
  std::string saved() const { return test::content(options.refresh_token_file); }
  void let_pass(base::Duration duration) {
    time.advance(duration);
    test::turn(loop);
  }
};

}  // namespace

TEST_CASE("two processes with one refresh token's file never spend the same one") {
  SharedGrant f;
  Spender one(f), other(f);
  one.begin();
  REQUIRE(one.endpoint->spent == "1");
  other.begin();
  CHECK(other.fetcher->waits_for_another());
  f.let_pass(1s);
  CHECK(other.endpoint->spent.empty());
  one.endpoint->open();
  f.let_pass(0s);
  REQUIRE(one.well());
  f.let_pass(1s);
  CHECK(other.endpoint->spent == "1x");
  other.endpoint->open();
  f.let_pass(0s);
  REQUIRE(other.well());
  CHECK(f.saved() == "rt1xx\n");
  CHECK_FALSE(other.fetcher->waits_for_another());
}

TEST_CASE("a process that is ended while it waits for another's refresh token spends none") {
  SharedGrant f;
  Spender one(f), other(f);
  one.begin();
  other.begin();
  CHECK(other.fetcher->waits_for_another());
  other.task = {};
  CHECK_FALSE(other.fetcher->waits_for_another());
  one.endpoint->open();
  f.let_pass(1s);
  REQUIRE(one.well());
  CHECK(other.endpoint->spent.empty());
}

TEST_CASE("a shutdown waits for the answer to a refresh token, and saves what it brings") {
  SharedGrant f;
  Spender one(f);
  one.begin();
  REQUIRE(one.fetcher->spending());
  net::Task<void> ending = token::end_fetch(*one.fetcher, one.task, one.ending);
  ending.start();
  f.let_pass(token::kSpendingGrace - 1ms);
  CHECK_FALSE(ending.done());
  one.endpoint->open();
  f.let_pass(0s);
  f.let_pass(0s);
  CHECK(ending.done());
  CHECK(one.well());
  CHECK(f.saved() == "rt1x\n");
}

TEST_CASE("a shutdown waits no longer than its grace for the answer to a refresh token") {
  SharedGrant f;
  Spender one(f);
  one.begin();
  net::Task<void> ending = token::end_fetch(*one.fetcher, one.task, one.ending);
  ending.start();
  f.let_pass(token::kSpendingGrace);
  CHECK(ending.done());
  CHECK_FALSE(one.fetched.has_value());
  CHECK_FALSE(one.fetcher->spending());
}

TEST_CASE("a shutdown does not wait for a fetch that spends nothing") {
  Fixture f;
  Spender one(f);
  one.begin();
  CHECK_FALSE(one.fetcher->spending());
  net::Task<void> ending = token::end_fetch(*one.fetcher, one.task, one.ending);
  ending.start();
  CHECK(ending.done());
  CHECK_FALSE(one.fetched.has_value());
}

TEST_CASE("an answer whose token is not UTF-8 is refused, and the refresh token stays") {
  for (const char* answer :
       {"{\"access_token\":\"tok\xff\"}", "{\"access_token\":\"tok\",\"refresh_token\":\"\xc3(\"}",
        "{\"access_token\":\"tok\",\"refreshToken\":\"second\xe9\"}"}) {
    RefreshFixture f;
    const auto fetched = f.fetcher(answer)->fetch();
    REQUIRE_FALSE(fetched.has_value());
    CHECK(fetched.error().code == base::Errc::token_malformed);
    CHECK(f.saved() == "first\n");
  }
}

TEST_CASE("bytes that are not UTF-8 in another member do not cost the refresh token") {
  RefreshFixture f;
  const auto fetcher = f.fetcher(
      "{\"\xed\xa0\x80\":1,\"access_token\":\"tok\",\"refresh_token\":\"second\",\"by\":"
      "\"Jos\xe9\"}");
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.saved() == "second\n");
}
