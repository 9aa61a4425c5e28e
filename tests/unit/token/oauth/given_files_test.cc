#include "token/oauth/given_files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/temporary_directory.h"
#include "tests/support/test_keys.h"

using namespace bearer;
using token::ClientAuth;
using token::CredentialOptions;
using token::Grant;

namespace {

struct Fixture {
  test::TemporaryDirectory directory;
  CredentialOptions options;

  Fixture() {
    options.client_id = "job";
    options.token_url = {.tls = true, .host = "login.example", .port = 443, .path = "/token"};
    options.auth_method = ClientAuth::none;
  }
  /// The setting that an error names; empty if there is none.
  std::string blamed() const {
    const base::Result<void> checked = token::check_given_files(options);
    if (checked) return {};
    CHECK(checked.error().code == base::Errc::file_unreadable);
    return checked.error().fix;
  }
};

}  // namespace

TEST_CASE("a client's secret has to be there, and to be one") {
  Fixture f;
  f.options.auth_method = ClientAuth::client_secret_post;
  f.options.client_secret_file = f.directory.write("secret", "s3cret\n");
  CHECK(f.blamed().empty());
  for (const char* content : {"", "\n", "two\nlines\n"}) {
    f.directory.write("secret", content);
    CHECK(f.blamed() == "check client_secret_file");
  }
}

TEST_CASE("a key that signs has to be one") {
  for (const ClientAuth method : {ClientAuth::private_key_jwt, ClientAuth::bearer_jwt}) {
    Fixture f;
    f.options.auth_method = method;
    f.options.client_key_file = f.directory.write("key", test::private_pem(test::rsa_key().get()));
    CHECK(f.blamed().empty());
    f.directory.write("key", "-----BEGIN PRIVATE KEY-----\n");
    CHECK(f.blamed() == "check client_key");
    f.options.auth_method = ClientAuth::none;  // it signs nothing
    CHECK(f.blamed().empty());
  }
}

TEST_CASE("a service account's key file has to be of that type, with a key in it") {
  Fixture f;
  f.options.grant = Grant::jwt_bearer;
  const auto blamed = [&](const nlohmann::json& account) {
    f.options.service_account_file = f.directory.write("account.json", account.dump());
    return f.blamed();
  };
  const std::string key = test::private_pem(test::rsa_key().get());
  CHECK(blamed({{"type", "service_account"}, {"client_email", "a@b"}, {"private_key", key}}) == "");
  for (const nlohmann::json& wrong :
       {nlohmann::json{{"type", "authorized_user"}, {"client_id", "x"}},
        nlohmann::json{{"type", "service_account"}, {"client_email", "a@b"}},
        nlohmann::json{{"client_email", "a@b"}, {"private_key", "none"}}, nlohmann::json("text")}) {
    CAPTURE(wrong.dump());
    CHECK(blamed(wrong) == "check service_account_file");
  }
}

TEST_CASE("a file of fields has to hold fields, also that of a request that comes first") {
  Fixture f;
  f.options.ways.fields_file = f.directory.write("fields", "X-Tenant: north\n\n");
  CHECK(f.blamed().empty());
  f.directory.write("fields", "north\n");
  CHECK(f.blamed() == "check token_header_file");
  Fixture later;
  later.options.before = {f.options};
  CHECK(later.blamed() == "check token_header_file");
}

TEST_CASE("what another program rotates may be blank at the start") {
  Fixture f;
  f.options.auth_method = ClientAuth::assertion_file;
  f.options.client_assertion_file = f.directory.write("assertion", "");
  f.options.grant = Grant::token_exchange;
  f.options.subject_token_file = f.directory.write("subject", "");
  CHECK(f.blamed().empty());
}

TEST_CASE("a pipe is left to the first token request") {
  Fixture f;
  f.options.auth_method = ClientAuth::client_secret_basic;
  f.options.client_secret_file = f.options.ways.fields_file = f.directory.path("pipe");
  REQUIRE(mkfifo(f.options.client_secret_file.c_str(), 0600) == 0);
  CHECK(f.blamed().empty());
}

TEST_CASE("a source other than a token endpoint has no such files") {
  Fixture f;
  f.options.auth_method = ClientAuth::client_secret_basic;
  f.options.client_secret_file = f.directory.write("secret", "");
  f.options.token_command = {"true"};
  CHECK(f.blamed().empty());
}
