// Credentials that a reload takes away, while their endpoint is silent.
#include "app/credentials.h"

#include <doctest/doctest.h>

#include <future>
#include <string>

#include "tests/support/content.h"
#include "tests/support/eventually.h"
#include "tests/support/slow_rotation.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;

namespace {

struct World {
  World() {
    options.name = "slow";
    options.token_url = {
        .tls = false, .host = "127.0.0.1", .port = endpoint.port(), .path = "/token"};
    options.client_id = "id";
    options.auth_method = token::ClientAuth::none;
    options.grant = token::Grant::refresh_token;
    options.refresh_token_file = directory.write("grant", "grant-0");
  }
  std::string saved() const { return test::content(options.refresh_token_file); }
  void apply(const std::vector<token::CredentialOptions>& wanted) {
    credentials->take(credentials->prepare(wanted), wanted);
  }

  test::SlowRotation endpoint;
  test::TemporaryDirectory directory;
  token::CredentialOptions options;
  std::unique_ptr<app::CredentialSet> credentials =
      std::make_unique<app::CredentialSet>(base::system_clock());
};

}  // namespace

TEST_CASE("a credential that is taken away ends in the background, and saves what it is given") {
  World world;
  world.apply({world.options});
  world.endpoint.await_request(1);
  world.apply({});
  CHECK(world.credentials->list().empty());
  CHECK(world.saved() == "grant-0");
  world.endpoint.let_answer();
  CHECK(test::eventually([&] { return world.saved() == "grant-1\n"; }));
}

TEST_CASE("a credential that comes back meanwhile spends what the ending one leaves it") {
  World world;
  world.apply({world.options});
  world.endpoint.await_request(1);
  world.apply({});
  world.apply({world.options});  // the same settings, another refresher
  world.apply({});
  world.apply({world.options});
  CHECK(world.endpoint.requests() == 1);
  world.endpoint.let_answer();
  CHECK(world.endpoint.await_request(2).find("refresh_token=grant-1") != std::string::npos);
  const auto refresher = world.credentials->list().front().refresher;
  CHECK(test::eventually([&] { return refresher->state().token != nullptr; }));
  CHECK(refresher->state().token->value.reveal() == "access-2");
  CHECK(world.saved() == "grant-2\n");
  CHECK(world.endpoint.requests() == 2);
}

TEST_CASE("the end of all credentials waits for those that end already") {
  World world;
  world.apply({world.options});
  world.endpoint.await_request(1);
  world.apply({});
  const auto end = std::async(std::launch::async, [&] { world.credentials.reset(); });
  world.endpoint.let_answer();
  end.wait();
  CHECK(world.saved() == "grant-1\n");
}
