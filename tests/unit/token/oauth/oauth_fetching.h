// A fetcher with an endpoint that gives the answer of the test.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "tests/support/finished.h"
#include "tests/support/owned_clock.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "token/oauth/oauth_fetcher.h"

namespace bearer::test::oauth_fetching {

/// Gives the answer it was made with, and keeps what it was asked.
class ScriptedEndpoint final : public token::Endpoint {
 public:
  ScriptedEndpoint(const base::Clock& clock, int status, std::string body)
      : clock_(clock), status_(status), body_(std::move(body)) {}

  net::Task<base::Result<token::Answer>> send(const token::TokenRequest& request) override {
    asked = request;
    co_return token::Answer{.status = status_,
                            .content_type = "application/json",
                            .body = base::Secret(std::string(body_)),
                            .date = std::chrono::floor<std::chrono::seconds>(clock_.wall()),
                            .sent = clock_.now(),
                            .wall = clock_.wall()};
  }

  token::TokenRequest asked;

 private:
  const base::Clock& clock_;
  const int status_;
  const std::string body_;
};

/// A fetcher that waits for nothing.
class Fetching {
 public:
  explicit Fetching(std::unique_ptr<token::OauthFetcher> fetcher) : fetcher_(std::move(fetcher)) {}
  Fetching* operator->() { return this; }
  const Fetching* operator->() const { return this; }
  base::Result<token::Fetched> fetch() const { return test::finished(fetcher_->fetch()); }
  std::uint64_t fingerprint() const { return fetcher_->fingerprint(); }

 private:
  std::unique_ptr<token::OauthFetcher> fetcher_;
};

struct Fixture {
  test::OwnedClock time;
  net::Loop loop{time};
  test::TemporaryDirectory directory;
  token::CredentialOptions options;
  ScriptedEndpoint* endpoint = nullptr;

  Fixture() {
    options.client_id = "id";
    options.client_secret_file = directory.write("secret", "s3cret\n");
    options.auth_method = token::ClientAuth::client_secret_post;
  }
  Fetching fetcher(std::string body, int status = 200,
                   std::unique_ptr<token::Fetcher> before = {}) {
    auto scripted = std::make_unique<ScriptedEndpoint>(time, status, std::move(body));
    endpoint = scripted.get();
    return Fetching(make(std::move(scripted), std::move(before)));
  }
  /// One that is alone: nobody shares its refresh token, and nobody waits with it.
  std::unique_ptr<token::OauthFetcher> make(std::unique_ptr<token::Endpoint> at,
                                            std::unique_ptr<token::Fetcher> before = {},
                                            std::shared_ptr<const token::Binding> binding = {}) {
    return std::make_unique<token::OauthFetcher>(options, std::move(at), loop, nullptr,
                                                 std::move(before), std::move(binding), nullptr);
  }
};

}  // namespace bearer::test::oauth_fetching
