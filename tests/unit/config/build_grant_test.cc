#include "config/build.h"

#include <doctest/doctest.h>

#include "tests/unit/config/configuring.h"

using namespace bearer;
using namespace bearer::config;
using token::Grant;

namespace {

/// Complete but for the grant's own settings, which follow; every file that is named is there.
Configuring with_grant(const std::string& grant, const std::vector<std::string>& more) {
  Configuring configuring = complete_with({"--grant", grant});
  for (const std::string& word : more) {
    configuring.arguments.push_back(word);
    if (!word.starts_with("--")) configuring.files[word] = "x";
  }
  return configuring;
}

}  // namespace

TEST_CASE("each grant takes the files that it is made of") {
  struct Case {
    const char* name;
    Grant grant;
    std::vector<std::string> settings;
    std::string token::CredentialOptions::*file;
  };
  const Case cases[] = {
      {"refresh_token",
       Grant::refresh_token,
       {"--refresh-token-file", "f"},
       &token::CredentialOptions::refresh_token_file},
      {"password",
       Grant::password,
       {"--username", "u", "--password-file", "f"},
       &token::CredentialOptions::password_file},
      {"jwt_bearer",
       Grant::jwt_bearer,
       {"--assertion-file", "f"},
       &token::CredentialOptions::assertion_file},
      {"jwt_bearer",
       Grant::jwt_bearer,
       {"--service-account-file", "f"},
       &token::CredentialOptions::service_account_file},
      {"jwt_bearer",
       Grant::jwt_bearer,
       {"--client-key", "f", "--username", "u"},
       &token::CredentialOptions::client_key_file},
      {"jwt_bearer",
       Grant::jwt_bearer,
       {"--client-key", "f"},
       &token::CredentialOptions::client_key_file},
      {"urn:ietf:params:oauth:grant-type:saml2-bearer",
       Grant::other,
       {"--assertion-file", "f"},
       &token::CredentialOptions::assertion_file},
      {"none", Grant::other, {"--password-file", "f"}, &token::CredentialOptions::password_file},
      {"token_exchange",
       Grant::token_exchange,
       {"--subject-token-file", "f"},
       &token::CredentialOptions::subject_token_file},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Configuring configuring = with_grant(c.name, c.settings);
    REQUIRE(configuring.errors() == "");
    const token::CredentialOptions credential = configuring.settings().credentials.at(0);
    CHECK(credential.grant == c.grant);
    CHECK(credential.*c.file == "f");
  }
}

TEST_CASE("a grant without what it needs says so") {
  struct Case {
    const char *grant, *missing;
  };
  for (const Case& c : {Case{"refresh_token", "refresh_token_file"}, Case{"password", "username"},
                        Case{"password", "password_file"}, Case{"jwt_bearer", "assertion_file"},
                        Case{"token_exchange", "subject_token_file"}}) {
    const std::string errors = with_grant(c.grant, {}).errors();
    CAPTURE(errors);
    CHECK(errors.find(std::string(c.missing) + " is not set") != std::string::npos);
  }
}

TEST_CASE("a file of another grant is an error, unless an entry merely inherits it") {
  CHECK(with_grant("client_credentials", {"--refresh-token-file", "f"})
            .blames("refresh_token_file = "));
  CHECK(with_grant("jwt_bearer", {"--assertion-file", "f", "--service-account-file", "f"})
            .blames("assertion_file = "));

  Configuring entries = with_file(R"({
    "token_url": "https://login.example.com/token", "client_id": "c", "upstream": "https://a.example",
    "grant": "refresh_token", "refresh_token_file": "f",
    "credentials": {"a": {}, "b": {"grant": "client_credentials"}},
    "routes": [{"credential": "a"}, {"path": "/b", "credential": "b"}]})");
  entries.files["f"] = "x";
  CHECK(entries.errors() == "");
}

TEST_CASE("a grant's file that cannot be read at start is an error") {
  Configuring configuring = with_grant("refresh_token", {"--refresh-token-file", "f"});
  configuring.files.clear();
  CHECK(configuring.blames("refresh_token_file = \"f\""));
}

TEST_CASE("any other grant is sent as it is, and none sends no grant_type") {
  const auto sent = [](const char* grant) {
    return with_grant(grant, {}).settings().credentials.at(0).grant_type;
  };
  CHECK(sent("account_credentials") == "account_credentials");
  CHECK(sent("client_credential") == "client_credential");
  CHECK(sent("none") == "");
  CHECK(with_grant("account_credentials", {"--refresh-token-file", "f"})
            .errors()
            .find("only the grant refresh_token uses it, and the grant is account_credentials") !=
        std::string::npos);
}

TEST_CASE("a grant that is not known needs no client, and authenticates one that has a secret") {
  Configuring anonymous = complete();
  anonymous.environment.clear();
  anonymous.arguments = {"--upstream",  "https://api.example.com",
                         "--token-url", "https://login.example.com/token",
                         "--grant",     "device_thing"};
  REQUIRE(anonymous.errors() == "");
  CHECK(anonymous.settings().credentials.at(0).auth_method == token::ClientAuth::none);
  CHECK(with_grant("device_thing", {}).settings().credentials.at(0).auth_method ==
        token::ClientAuth::client_secret_basic);
}

TEST_CASE("what a preset wrote is told as the preset's, for nobody finds it elsewhere") {
  const std::string google =
      Configuring{.arguments = {"--preset", "google", "--upstream", "https://api.example.com"}}
          .errors();
  CHECK(google.find("the grant jwt_bearer (preset google) needs it, or a service_account_file or "
                    "GOOGLE_APPLICATION_CREDENTIALS") != std::string::npos);
  CHECK(google.find("client_id") == std::string::npos);
  const Configuring keyed{.arguments = {"--preset", "google", "--upstream",
                                        "https://api.example.com", "--client-key", "k"},
                          .environment = {},
                          .files = {{"k", ""}}};
  CHECK(keyed.errors().find("client_id is not set") != std::string::npos);
  const std::string okta = Configuring{
      .arguments = {"--preset", "okta", "--region", "acme.okta.com", "--scope", "a", "--client-id",
                    "i"}}.errors();
  CHECK(okta.find("auth_method private_key_jwt (preset okta) needs it") != std::string::npos);
}
