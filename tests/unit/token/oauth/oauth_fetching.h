// A fetcher with an endpoint that gives the answer of the test.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

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

  base::Result<token::Answer> post(const token::TokenRequest& request) override {
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
  test::OwnedClock time;
  test::TemporaryDirectory directory;
  token::CredentialOptions options;
  ScriptedEndpoint* endpoint = nullptr;

  Fixture() {
    options.client_id = "id";
    options.client_secret_file = directory.write("secret", "s3cret\n");
    options.auth_method = token::ClientAuth::client_secret_post;
  }
  std::unique_ptr<token::OauthFetcher> fetcher(std::string body, int status = 200,
                                               std::unique_ptr<token::Fetcher> before = {}) {
    auto scripted = std::make_unique<ScriptedEndpoint>(time, status, std::move(body));
    endpoint = scripted.get();
    return std::make_unique<token::OauthFetcher>(options, std::move(scripted), time, nullptr,
                                                 std::move(before));
  }
};

}  // namespace bearer::test::oauth_fetching
