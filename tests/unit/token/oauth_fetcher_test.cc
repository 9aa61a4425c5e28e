#include "token/oauth_fetcher.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/encoding.h"
#include "tests/support/owned_time.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

/// Gives the answer it was made with, and keeps what it was asked.
class ScriptedEndpoint final : public token::Endpoint {
 public:
  ScriptedEndpoint(const base::Clock& clock, int status, std::string body)
      : clock_(clock), status_(status), body_(std::move(body)) {}

  token::Outcome<token::Answer> post(const token::TokenRequest& request) override {
    asked = request;
    return token::Answer{.status = status_,
                         .content_type = "application/json",
                         .body = base::Secret(std::string(body_)),
                         .date = std::chrono::floor<std::chrono::seconds>(clock_.wall()),
                         .sent = clock_.now(),
                         .wall = clock_.wall()};
  }
  void cancel() override { cancelled = true; }

  token::TokenRequest asked;
  bool cancelled = false;

 private:
  const base::Clock& clock_;
  const int status_;
  const std::string body_;
};

struct Fixture {
  test::OwnedTime time;
  test::TemporaryDirectory directory;
  token::CredentialOptions options;
  ScriptedEndpoint* endpoint = nullptr;

  Fixture() {
    options.client_id = "id";
    options.client_secret_file = directory.write("secret", "s3cret\n");
    options.auth_method = token::ClientAuth::client_secret_post;
  }
  std::unique_ptr<token::OauthFetcher> fetcher(std::string body, int status = 200) {
    auto scripted = std::make_unique<ScriptedEndpoint>(time, status, std::move(body));
    endpoint = scripted.get();
    return std::make_unique<token::OauthFetcher>(options, std::move(scripted), time);
  }
};

}  // namespace

TEST_CASE("a fetch posts grant and client authentication and dates the token") {
  Fixture f;
  f.options.scope = "a";
  const auto fetched =
      f.fetcher(R"({"access_token":"tok","expires_in":"60","scope":"a"})")->fetch();
  REQUIRE(fetched.has_value());
  CHECK(fetched->value.reveal() == "tok");
  CHECK(fetched->lifetime() == 60s);
  CHECK(fetched->sent == f.time.now());
  CHECK(fetched->scope == "a");
}

TEST_CASE("the secret's file is read at each fetch") {
  Fixture f;
  const auto fetcher = f.fetcher(R"({"access_token":"tok"})");
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.endpoint->asked.form.reveal() ==
        "grant_type=client_credentials&client_id=id&client_secret=s3cret");
  const auto before = fetcher->fingerprint();
  f.directory.write("secret", "rotated");
  CHECK(fetcher->fingerprint() != before);
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.endpoint->asked.form.reveal() ==
        "grant_type=client_credentials&client_id=id&client_secret=rotated");
}

TEST_CASE("a JWT's own exp shortens its life") {
  Fixture f;
  const auto exp = std::chrono::floor<std::chrono::seconds>(f.time.wall()) + 31s;
  const std::string jwt =
      "e30." +
      base::base64url_encode("{\"exp\":" + std::to_string(exp.time_since_epoch().count()) + "}") +
      ".c2ln";
  const auto fetched = f.fetcher(R"({"access_token":")" + jwt + R"(","expires_in":3600})")->fetch();
  REQUIRE(fetched.has_value());
  CHECK(fetched->lifetime() == 30s);
}

TEST_CASE("a token that has expired by the time it came is a failure, not a token") {
  Fixture f;
  const auto fetched = f.fetcher(R"({"access_token":"e30.eyJleHAiOjV9.c2ln"})")->fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().code == base::Errc::token_malformed);
  CHECK(fetched.error().mend.find("clocks") != std::string::npos);
}

TEST_CASE("an endpoint that quotes the secret does not get it into an error") {
  Fixture f;
  const auto fetched =
      f.fetcher(R"({"error":"invalid_client","error_description":"no s3cret, s3cret here"})", 401)
          ->fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().detail ==
        "the token endpoint answered 401 invalid_client (no ***, *** here)");
}

TEST_CASE("without a readable secret nothing is posted") {
  Fixture f;
  f.options.client_secret_file = f.directory.path("missing");
  const auto fetcher = f.fetcher("{}");
  const auto fetched = fetcher->fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().code == base::Errc::file_unreadable);
  CHECK(f.endpoint->asked.form.empty());
}

TEST_CASE("a cancelled fetcher cancels its endpoint") {
  Fixture f;
  const auto fetcher = f.fetcher("{}");
  fetcher->cancel();
  CHECK(f.endpoint->cancelled);
}
