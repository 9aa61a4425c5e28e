#include "token/store/store_identity.h"

#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <string>

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
  CHECK(token::store_identity(options) == identity);
  options.ways.fields = {{"X-Api-Key", base::Secret("old")}};
  const std::string with_key = token::store_identity(options);
  options.ways.fields = {{"X-Api-Key", base::Secret("new")}};
  CHECK(token::store_identity(options) == with_key);
}

TEST_CASE("a token that is bound to another key is another credential's") {
  const CredentialOptions options;
  const std::string one = token::store_identity(options, "thumbprint-1");
  CHECK(one == token::store_identity(options, "thumbprint-1"));
  CHECK(one != token::store_identity(options, "thumbprint-2"));
  CHECK(one != token::store_identity(options));
}
