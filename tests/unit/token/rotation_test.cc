// A rotated refresh token survives whatever kills the process: the parts together, on a real disk.
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "base/random.h"
#include "tests/support/finished.h"
#include "tests/support/killed_process.h"
#include "tests/support/owned_clock.h"
#include "tests/support/temporary_directory.h"
#include "token/oauth/oauth_fetcher.h"
#include "token/store/file_store.h"
#include "token/store/stored_fetcher.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

/// Takes the newest refresh token and the one before it, as long as the newest has not been used.
class RotatingEndpoint final : public token::Endpoint {
 public:
  explicit RotatingEndpoint(const base::Clock& clock) : clock_(clock) {}

  net::Task<base::Result<token::Answer>> send(const token::TokenRequest& request) override {
    const std::string form(request.form.reveal());
    const bool again = form.find("refresh_token=grant-1") != std::string::npos;
    const bool known = again || form.find("refresh_token=grant-0") != std::string::npos;
    const std::string number = again ? "2" : "1";
    const std::string tokens = R"({"access_token":"token-)" + number +
                               R"(","expires_in":60,"refresh_token":"grant-)" + number + "\"}";
    co_return token::Answer{.status = known ? 200 : 400,
                            .content_type = "application/json",
                            .body = base::Secret(known ? tokens : R"({"error":"invalid_grant"})"),
                            .sent = clock_.now(),
                            .wall = clock_.wall()};
  }

 private:
  const base::Clock& clock_;
};

/// A host with a grant in a file, and a store.
struct Host {
  Host() {
    options.client_id = "id";
    options.auth_method = token::ClientAuth::none;
    options.grant = token::Grant::refresh_token;
    options.refresh_token_file = directory.write("grant", "grant-0");
  }

  /// As a process of its own does it.
  base::Result<token::Fetched> fetch() const {
    const auto silent = [](const base::Error&) {};
    const auto store = std::make_shared<token::FileStore>(directory.path("store"), "crm", loop);
    auto tokens =
        std::make_unique<token::SharedRefreshTokens>(options.refresh_token_file, store, silent);
    auto inner =
        std::make_unique<token::OauthFetcher>(options, std::make_unique<RotatingEndpoint>(clock),
                                              loop, std::move(tokens), nullptr, nullptr, nullptr);
    token::StoredFetcher fetcher(loop, {.inner = std::move(inner),
                                        .store = store,
                                        .random = std::make_unique<base::JitterRandom>(1),
                                        .on_fault = silent});
    return test::finished(fetcher.fetch());
  }
  std::string grant() const {
    const auto store = std::make_shared<token::FileStore>(directory.path("store"), "crm", loop);
    token::SharedRefreshTokens tokens(options.refresh_token_file, store, [](const auto&) {});
    const auto read = test::finished(tokens.read());
    return read ? std::string(read->reveal()) : read.error().detail;
  }
  bool published() const {
    token::FileStore store(directory.path("store"), "crm", loop);
    const auto kept = test::finished(store.read(token::StoreItem::token));
    return kept && *kept;
  }
  /// The use of a token leaves a trace.
  std::string trace() const { return directory.path("used"); }

  test::OwnedClock clock;
  mutable net::Loop loop{clock};
  test::TemporaryDirectory directory;
  token::CredentialOptions options;
};

}  // namespace

TEST_CASE("a process killed at any system call of a rotation loses no grant, and uses none early") {
  int traces = 0;
  int stops = 0;
  for (bool alive = true; alive; ++stops) {
    CAPTURE(stops);
    const Host host;
    alive = test::killed_at(stops, [&] {
      const auto fetched = host.fetch();
      if (!fetched) ::_exit(3);
      std::ofstream(host.trace()) << fetched->value.reveal();
    });
    const std::string grant = host.grant();
    const bool used = std::filesystem::exists(host.trace());
    traces += used ? 1 : 0;
    CHECK((grant == "grant-0" || grant == "grant-1"));
    if (used || host.published()) CHECK(grant == "grant-1");
    const auto next = host.fetch();
    REQUIRE(next.has_value());
    CHECK(host.grant() != "grant-0");
  }
  CHECK(traces > 0);
  CHECK(stops > 50);  // it was looked at closely
}
