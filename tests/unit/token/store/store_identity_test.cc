#include "token/store/store_identity.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <functional>
#include <set>
#include <string>
#include <utility>

#include "tests/support/temporary_directory.h"

using namespace bearer;
using token::CredentialOptions;

TEST_CASE("whatever decides which token is got makes another identity") {
  const std::function<void(CredentialOptions&)> changes[] = {
      [](CredentialOptions& o) { o.name = "crm"; },
      [](CredentialOptions& o) { o.token_url.host = "other.example"; },
      [](CredentialOptions& o) {
        o.issuer = http::Url{.tls = true, .host = "i", .port = 443, .path = ""};
      },
      [](CredentialOptions& o) { o.client_id = "other"; },
      [](CredentialOptions& o) { o.grant = token::Grant::password; },
      [](CredentialOptions& o) { o.username = "u"; },
      [](CredentialOptions& o) { o.scope = "s"; },
      [](CredentialOptions& o) { o.audience = "a"; },
      [](CredentialOptions& o) { o.resources = {"r"}; },
      [](CredentialOptions& o) {
        o.token_params = {{"k", "v"}};
      },
      [](CredentialOptions& o) { o.token_command = {"c"}; },
      [](CredentialOptions& o) { o.service_account_file = "f"; },
      [](CredentialOptions& o) { o.subject_token_file = "f"; },
      [](CredentialOptions& o) { o.token_file = "f"; },
      [](CredentialOptions& o) {
        o.before = {CredentialOptions{}};
        o.before.front().token_file = "f";
      },
      [](CredentialOptions& o) {
        o.before = {CredentialOptions{}};
        o.before.front().token_file = "g";
      },
      [](CredentialOptions& o) { o.ways.members.expiry = "end"; },
      [](CredentialOptions& o) { o.subject_token_type = "urn:x"; },
      [](CredentialOptions& o) { o.assertion_audience = "realm"; },
      [](CredentialOptions& o) { o.command_environment = {"AUDIENCE=a"}; },
      [](CredentialOptions& o) { o.command_environment = {"AUDIENCE=b"}; },
      [](CredentialOptions& o) {
        o.aws.emplace();
        o.aws->keys.id = "AKIA1";
      },
      [](CredentialOptions& o) {
        o.aws.emplace();
        o.aws->keys.id = "AKIA2";
      },
  };
  CredentialOptions options;
  options.token_url = {.tls = true, .host = "login.example", .port = 443, .path = "/token"};
  std::set<std::string> identities{token::store_identity(options)};
  CHECK(identities.begin()->starts_with("default-"));
  CHECK(identities.contains(token::store_identity(options)));
  for (const auto& change : changes) {
    CredentialOptions changed = options;
    change(changed);
    CHECK(identities.insert(token::store_identity(changed)).second);
  }
}

TEST_CASE("a secret that was rotated, and how a token is renewed, make no other identity") {
  CredentialOptions options;
  const std::string identity = token::store_identity(options);
  options.client_secret = base::Secret("new");
  options.refresh_margin = std::chrono::seconds(7);
  options.client_key_file = "renewed.pem";
  CHECK(token::store_identity(options) == identity);
}

TEST_CASE("a field that is sent makes another identity by its name and by its value") {
  std::set<std::string> identities;
  for (const auto& [name, value] : {std::pair{"X-Tenant", "north"}, std::pair{"X-Tenant", "south"},
                                    std::pair{"X-Realm", "north"}, std::pair{"X-Tenant", ""}}) {
    CredentialOptions options;
    options.ways.fields = {{name, base::Secret(value)}};
    CHECK(identities.insert(token::store_identity(options)).second);
    CHECK(identities.contains(token::store_identity(options)));
  }
}

TEST_CASE("what comes out of a pipe is not known, so its credential shares with nobody") {
  const test::TemporaryDirectory directory;
  CredentialOptions options;
  options.subject_token_file = directory.path("pipe");
  const std::string as_file = token::store_identity(options);
  CHECK(as_file == token::store_identity(options));
  REQUIRE(mkfifo(options.subject_token_file.c_str(), 0600) == 0);
  const std::string as_pipe = token::store_identity(options);
  CHECK(as_pipe != as_file);
  CHECK(as_pipe != token::store_identity(options));
}

TEST_CASE("a token that is bound to another key is another credential's") {
  const CredentialOptions options;
  const std::string one = token::store_identity(options, "thumbprint-1");
  CHECK(one == token::store_identity(options, "thumbprint-1"));
  CHECK(one != token::store_identity(options, "thumbprint-2"));
  CHECK(one != token::store_identity(options));
}
