// Tokens that are bound to a key, and the nonces of a token endpoint.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/owned_clock.h"
#include "tests/support/said.h"
#include "tests/unit/token/oauth/oauth_fetching.h"
#include "token/dpop/key_binding.h"
#include "token/oauth/oauth_fetcher.h"

using namespace bearer;
using namespace bearer::test::oauth_fetching;

namespace {

/// A token endpoint that wants proofs with its nonce. Keeps what each request brought.
class NonceEndpoint final : public token::Endpoint {
 public:
  explicit NonceEndpoint(const base::Clock& clock) : clock_(clock) {}

  net::Task<base::Result<token::Answer>> send(const token::TokenRequest& request) override {
    forms.emplace_back(request.form.reveal());
    nonces.emplace_back(request.nonce);
    const bool proven =
        request.prover != nullptr && !request.nonce.empty() && request.nonce == wanted && !stubborn;
    token::Answer answer{
        .status = proven ? 200 : status,
        .body = base::Secret(proven ? R"({"access_token":"tok","token_type":")" + type + "\"}"
                                    : R"({"error":"use_dpop_nonce"})"),
        .sent = clock_.now(),
        .wall = clock_.wall()};
    answer.dpop_nonce = wanted;
    co_return answer;
  }

  std::string wanted = "n1", type = "DPoP";
  int status = 400;
  bool stubborn = false;
  std::vector<std::string> forms, nonces;

 private:
  const base::Clock& clock_;
};

struct BoundFixture : Fixture {
  BoundFixture() {
    options.dpop = true;
    binding = *token::make_binding(options);
    auto made = std::make_unique<NonceEndpoint>(time);
    server = made.get();
    fetcher = make(std::move(made), nullptr, binding);
  }

  std::shared_ptr<const token::KeyBinding> binding;
  NonceEndpoint* server = nullptr;
  std::unique_ptr<token::OauthFetcher> fetcher;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(BoundFixture,
                  "a nonce that is asked for is given at once, and known from then on") {
  const auto fetched = test::finished(fetcher->fetch());
  REQUIRE(fetched.has_value());
  CHECK(fetched->binding == binding);
  CHECK(server->nonces == Texts{"", "n1"});
  REQUIRE(test::finished(fetcher->fetch()).has_value());
  CHECK(server->nonces == Texts{"", "n1", "n1"});
  server->wanted = "n2";
  server->status = 401;
  REQUIRE(test::finished(fetcher->fetch()).has_value());
  CHECK(server->nonces == Texts{"", "n1", "n1", "n1", "n2"});
}

TEST_CASE_FIXTURE(BoundFixture, "a server that never takes its nonce is asked twice") {
  server->stubborn = true;
  const auto fetched = test::finished(fetcher->fetch());
  REQUIRE_FALSE(fetched.has_value());
  CHECK(server->nonces == Texts{"", "n1"});
  CHECK(fetched.error().detail.find("use_dpop_nonce") != std::string::npos);
}

TEST_CASE_FIXTURE(BoundFixture, "a challenge without a nonce is no question") {
  server->wanted = "";
  CHECK_FALSE(test::finished(fetcher->fetch()).has_value());
  CHECK(server->nonces == Texts{""});
}

TEST_CASE("the repetition with a nonce brings an assertion of its own") {
  BoundFixture f;
  f.options.auth_method = token::ClientAuth::client_secret_jwt;
  auto made = std::make_unique<NonceEndpoint>(f.time);
  NonceEndpoint& server = *made;
  const auto fetcher = f.make(std::move(made), nullptr, f.binding);
  REQUIRE(test::finished(fetcher->fetch()).has_value());
  REQUIRE(server.forms.size() == 2);
  CHECK(server.forms[0].find("client_assertion=") != std::string::npos);
  CHECK(server.forms[0] != server.forms[1]);
}

TEST_CASE_FIXTURE(BoundFixture, "a token that the server did not bind is refused") {
  server->type = "Bearer";
  const auto fetched = test::finished(fetcher->fetch());
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().detail.find("\"Bearer\", not DPoP") != std::string::npos);
}

TEST_CASE("without dpop there is no proof, no second request, and the remedy is named") {
  Fixture f;
  auto made = std::make_unique<NonceEndpoint>(f.time);
  NonceEndpoint& server = *made;
  const auto fetcher = f.make(std::move(made));
  const auto fetched = test::finished(fetcher->fetch());
  REQUIRE_FALSE(fetched.has_value());
  CHECK(server.forms.size() == 1);
  CHECK(fetched.error().fix.find("--dpop") != std::string::npos);
}
