// Refresh tokens that rotate where they cannot be saved: used all the same, saved later, or told.
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/captured.h"
#include "tests/support/content.h"
#include "tests/support/finished.h"
#include "tests/support/said.h"
#include "tests/unit/token/oauth/oauth_fetching.h"
#include "token/oauth/oauth_fetcher.h"
#include "token/store/grant_lock.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::oauth_fetching;

namespace {

/// Answers with the refresh token that follows the one that it was sent: first, second, ...
class Rotating final : public token::Endpoint {
 public:
  explicit Rotating(const base::Clock& clock) : clock_(clock) {}
  net::Task<base::Result<token::Answer>> send(const token::TokenRequest& request) override {
    const std::string form(request.form.reveal());
    const std::size_t at = form.find("refresh_token=rt") + 16;
    spent.push_back(form.substr(at, form.find('&', at) - at));
    const std::string next = spent.back() + "x";
    co_return token::Answer{
        .status = 200,
        .body = base::Secret(R"({"access_token":"tok)" + next +
                             R"(","expires_in":60,"refresh_token":"rt)" + next + "\"}"),
        .sent = clock_.now(),
        .wall = clock_.wall()};
  }

  std::vector<std::string> spent;

 private:
  const base::Clock& clock_;
};

/// The refresh token's file cannot be replaced while the obstacle is there.
struct UnsavedFixture : Fixture {
  UnsavedFixture() {
    options.grant = token::Grant::refresh_token;
    options.auth_method = token::ClientAuth::none;
    options.refresh_token_file = directory.write("refresh", "rt1\n");
    std::filesystem::create_directory(obstacle());
    auto made = std::make_unique<Rotating>(time);
    endpoint = made.get();
    fetcher = make(std::move(made));
  }
  std::string saved() const { return test::content(options.refresh_token_file); }
  std::string obstacle() const { return options.refresh_token_file + ".new"; }
  std::string fetch() {
    const auto fetched = test::finished(fetcher->fetch());
    return fetched ? std::string(fetched->value.reveal()) : fetched.error().sentence();
  }

  Rotating* endpoint;
  std::unique_ptr<token::OauthFetcher> fetcher;
};

constexpr const char* kLost = "is lost now: the one before is spent";

}  // namespace

TEST_CASE("an access token is used though the refresh token with it cannot be saved, once told") {
  UnsavedFixture f;
  std::string token;
  const std::string said = test::captured(STDERR_FILENO, [&] { token = f.fetch(); });
  CHECK(token == "tok1x");
  CHECK(f.fetcher->unsaved());
  CHECK(test::says(said, "cannot be saved in refresh_token_file"));
  CHECK(test::says(said, f.obstacle() + " cannot be removed"));
  CHECK(test::captured(STDERR_FILENO, [&] { test::finished(f.fetcher->save()); }) == "");
  CHECK(f.saved() == "rt1\n");

  std::filesystem::remove(f.obstacle());
  const std::string after =
      test::captured(STDERR_FILENO, [&] { test::finished(f.fetcher->save()); });
  CHECK(test::says(after, "saved after all"));
  CHECK_FALSE(f.fetcher->unsaved());
  CHECK(f.saved() == "rt1x\n");
  CHECK(f.endpoint->spent.size() == 1);
  CHECK(test::captured(STDERR_FILENO, [&] { f.fetcher.reset(); }) == "");
}

TEST_CASE("a refresh token that is in memory alone is the next to be spent, by no other process") {
  UnsavedFixture f;
  CHECK(f.fetch() == "tok1x");
  token::GrantLock of_another(f.options.refresh_token_file);
  token::FetchTurn turn;
  std::optional<base::Result<void>> held;
  net::Task<void> waits = test::keep(of_another.acquire(f.loop, turn), held);
  waits.start();
  CHECK(of_another.waits());
  CHECK(f.fetch() == "tok1xx");
  CHECK(f.endpoint->spent == std::vector<std::string>{"1", "1x"});
  std::filesystem::remove(f.obstacle());
  CHECK(f.fetch() == "tok1xxx");
  CHECK(f.saved() == "rt1xxx\n");
  f.time.advance(1s);
  test::turn(f.loop);
  CHECK(held.has_value());
}

TEST_CASE("another grant that was put into the file while ours could not be written is the next") {
  UnsavedFixture f;
  CHECK(f.fetch() == "tok1x");
  std::filesystem::remove(f.obstacle());
  f.directory.write("refresh", "rt7");
  CHECK(f.fetch() == "tok7x");
  CHECK(f.saved() == "rt7x\n");
}

TEST_CASE("a process that ends tries once more to save a refresh token, and tells of its loss") {
  UnsavedFixture f;
  f.fetch();
  SUBCASE("saved") {
    std::filesystem::remove(f.obstacle());
    test::finished(f.fetcher->close());
    CHECK(f.saved() == "rt1x\n");
    CHECK(test::captured(STDERR_FILENO, [&] { f.fetcher.reset(); }) == "");
  }
  SUBCASE("lost") {
    test::finished(f.fetcher->close());
    const std::string said = test::captured(STDERR_FILENO, [&] { f.fetcher.reset(); });
    CHECK(test::says(said, kLost));
    CHECK(test::says(said, f.options.refresh_token_file));
    CHECK_FALSE(test::says(said, "rt1x"));
  }
}
