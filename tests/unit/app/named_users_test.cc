#include "app/named_users.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <string>

#include "tests/support/captured.h"
#include "tests/support/without_netlink.h"

using namespace bearer;

namespace {

config::Settings listening_at(const std::string& address, std::vector<unsigned> users) {
  config::Settings settings;
  settings.listen = {net::parse_address(address).value()};
  settings.service.allowed_uids = std::move(users);
  return settings;
}

std::string said_of(const config::Settings& settings) {
  return test::captured(STDERR_FILENO, [&] { app::check_named_users(settings); });
}

}  // namespace

TEST_CASE("users are told apart on a port, on a unix socket, and on the admin port") {
  CHECK(said_of(listening_at("127.0.0.1:8080", {1007})) == "");
  CHECK(said_of(listening_at("unix:/run/api.sock", {1007})) == "");
}

TEST_CASE("where the kernel tells no users, naming them is refused, but not for unix sockets") {
  test::without_netlink([] {
    config::Settings settings = listening_at("unix:/run/api.sock", {1007});
    CHECK(said_of(settings) == "");
    settings.admin = net::parse_address("127.0.0.1:9180").value();
    std::string why;
    try {
      app::check_named_users(settings);
    } catch (const config::ConfigError& error) {
      why = error.what();
    }
    CHECK(
        why ==
        "allow_uid = \"1007\": the kernel does not tell whose a connection is (sock_diag: Address "
        "family not supported by protocol), so nobody could be kept out of 127.0.0.1:9180; listen "
        "on unix sockets alone (--listen unix:PATH), or serve every user with --allow-uid any");
    CHECK_THROWS_AS(app::check_named_users(listening_at("[::1]:0", {0})), config::ConfigError);
    CHECK(said_of(listening_at("[::1]:0", {})) == "");
  });
}

TEST_CASE("an address that other machines reach is said to serve them whatever their user") {
  const std::string said = said_of(listening_at("0.0.0.0:8080", {1007}));
  CHECK(said.find("whoever comes from another one is served addresses=0.0.0.0:8080") !=
        std::string::npos);
}

TEST_CASE("exec serves its own user and root, unless somebody wrote whom") {
  using Users = std::vector<unsigned>;
  const Users own = geteuid() == 0 ? Users{0} : Users{geteuid(), 0};
  CHECK(app::for_own_user(listening_at("127.0.0.1:0", {})).service.allowed_uids == own);
  CHECK(app::for_own_user(listening_at("127.0.0.1:0", {1007})).service.allowed_uids == Users{1007});
  test::without_netlink([] {
    const auto served = [](const char* address) {
      return app::for_own_user(listening_at(address, {})).service.allowed_uids;
    };
    CHECK(served("127.0.0.1:0").empty());
    CHECK_FALSE(served("unix:/run/api.sock").empty());
    const std::string said = test::captured(STDERR_FILENO, [&] { served("127.0.0.1:0"); });
    CHECK(said.find("every user of this machine is served addresses=127.0.0.1:0") != said.npos);
  });
  config::Settings any = listening_at("127.0.0.1:0", {});
  any.any_user = true;
  CHECK(app::for_own_user(any).service.allowed_uids.empty());
}
