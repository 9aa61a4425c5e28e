#include "config/build.h"

#include <doctest/doctest.h>

#include "tests/unit/config/configuring.h"

using namespace bearer;
using namespace bearer::config;
using token::ClientAuth;

namespace {

/// Without a secret; `more` is added, and every file that is named is there.
Configuring without_secret(const std::vector<std::string>& more) {
  Configuring configuring = complete_with(more);
  configuring.environment.clear();
  configuring.files = {{"f", "x"}, {"key", "x"}, {"cert", "x"}};
  return configuring;
}

ClientAuth method(const Configuring& configuring) {
  REQUIRE(configuring.errors() == "");
  return configuring.settings().credentials.at(0).auth_method;
}

}  // namespace

TEST_CASE(
    "each client authentication takes what it needs, and asks for no secret it has no use for") {
  CHECK(method(complete_with({"--auth-method", "client_secret_jwt"})) ==
        ClientAuth::client_secret_jwt);
  CHECK(method(without_secret({"--auth-method", "private_key_jwt", "--client-key", "key"})) ==
        ClientAuth::private_key_jwt);
  CHECK(method(without_secret({"--auth-method", "tls_client_auth", "--client-key", "key",
                               "--client-cert", "cert"})) == ClientAuth::tls_client_auth);
  CHECK(method(without_secret({"--auth-method", "none"})) == ClientAuth::none);
}

TEST_CASE("a method without what it needs says so") {
  struct Case {
    std::vector<std::string> settings;
    const char* error;
  };
  for (const Case& c :
       {Case{{}, "client_secret_file is not set"},
        Case{{"--auth-method", "client_secret_jwt"}, "client_secret_file is not set"},
        Case{{"--auth-method", "private_key_jwt"}, "client_key is not set"},
        Case{{"--auth-method", "tls_client_auth"}, "client_cert is not set"},
        Case{{"--auth-method", "none", "--client-cert", "cert"}, "client_key is not set"},
        Case{{"--auth-method", "private_key_jwt", "--client-key", "missing"},
             R"(client_key = "missing")"},
        Case{{"--assertion-algorithm", "HS512"}, R"(assertion_algorithm = "HS512")"}}) {
    const std::string errors = without_secret(c.settings).errors();
    CAPTURE(errors);
    CHECK(errors.find(c.error) != std::string::npos);
  }
}

TEST_CASE("where the grant is the proof and no secret is there, nobody authenticates by default") {
  CHECK(method(without_secret({"--grant", "refresh_token", "--refresh-token-file", "f"})) ==
        ClientAuth::none);
  CHECK(method(without_secret({"--grant", "token_exchange", "--subject-token-file", "f"})) ==
        ClientAuth::none);
  Configuring confidential =
      complete_with({"--grant", "refresh_token", "--refresh-token-file", "f"});
  confidential.files["f"] = "x";
  CHECK(method(confidential) == ClientAuth::client_secret_basic);
  CHECK(without_secret({"--grant", "refresh_token", "--refresh-token-file", "f", "--auth-method",
                        "client_secret_post"})
            .errors()
            .find("client_secret_file is not set") != std::string::npos);
}

TEST_CASE("an assertion that names the client itself needs no client_id") {
  Configuring configuring{.arguments = {"--upstream", "https://api.example.com", "--token-url",
                                        "https://login.example.com/token", "--grant", "jwt_bearer",
                                        "--assertion-file", "f"},
                          .files = {{"f", "x"}}};
  CHECK(configuring.errors() == "");
  configuring.arguments.insert(configuring.arguments.end(),
                               {"--auth-method", "private_key_jwt", "--client-key", "f"});
  CHECK(configuring.errors().find("client_id is not set") != std::string::npos);
}

TEST_CASE("key, certificate and what an assertion says are handed on") {
  const Configuring configuring = without_secret(
      {"--auth-method", "private_key_jwt", "--client-key", "key", "--client-cert", "cert",
       "--key-id", "k", "--assertion-audience", "a", "--assertion-algorithm", "PS256"});
  REQUIRE(configuring.errors() == "");
  const token::CredentialOptions credential = configuring.settings().credentials.at(0);
  CHECK(credential.client_key_file == "key");
  CHECK(credential.client_cert_file == "cert");
  CHECK(credential.key_id == "k");
  CHECK(credential.assertion_audience == "a");
  CHECK(credential.assertion_algorithm == token::JwsAlgorithm::ps256);
}

TEST_CASE("a client assertion's file takes the place of a secret, with any grant") {
  const auto credential = [](std::vector<std::string> settings) {
    settings.insert(settings.end(), {"--client-assertion-file", "f"});
    const Configuring configuring = without_secret(settings);
    REQUIRE(configuring.errors() == "");
    return configuring.settings().credentials.at(0);
  };
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{},
        {"--auth-method", "private_key_jwt"},
        {"--grant", "token_exchange", "--subject-token-file", "key"}}) {
    const token::CredentialOptions found = credential(more);
    CHECK(found.auth_method == ClientAuth::assertion_file);
    CHECK(found.client_assertion_file == "f");
  }
  const char* type = "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe";
  CHECK(credential({"--client-assertion-type", type}).client_assertion_type == type);
}

TEST_CASE("a client assertion's file beside another proof is an error, and so is a missing one") {
  CHECK(without_secret({"--client-assertion-file", "f", "--auth-method", "client_secret_post"})
            .errors()
            .find("auth_method = \"client_secret_post\" (from --auth-method): there is a "
                  "client_assertion_file, too") != std::string::npos);
  CHECK(without_secret({"--client-assertion-file", "missing"}).blames("client_assertion_file"));
}

TEST_CASE("claims are a person's, but for those that are made anew each time") {
  const Configuring good =
      without_secret({"--auth-method", "private_key_jwt", "--client-key", "key",
                      "--assertion-claim", "box_sub_type=enterprise", "--assertion-claim", "sub="});
  REQUIRE(good.errors() == "");
  CHECK(good.settings().credentials.at(0).assertion_claims ==
        std::vector<std::pair<std::string, std::string>>{{"box_sub_type", "enterprise"},
                                                         {"sub", ""}});
  for (const char* claim : {"exp=1", "iat=1", "jti=x"}) {
    CHECK(complete_with({"--assertion-claim", claim}).blames("assertion_claim"));
  }
  CHECK(complete_with({"--assertion-claim", "x"}).errors().find("not of the form NAME=VALUE") !=
        std::string::npos);
}

TEST_CASE("a line break at the end of a secret in the environment is no part of it, as in a file") {
  for (const char* ending : {"\n", "\r\n", "\n\n"}) {
    CAPTURE(ending);
    Configuring configuring = complete();
    configuring.environment["BEARER_PROXY_CLIENT_SECRET"] = std::string("s3 cret") + ending;
    REQUIRE(configuring.errors() == "");
    CHECK(configuring.settings().credentials.at(0).client_secret.reveal() == "s3 cret");
  }
  Configuring blank = complete();
  blank.environment["BEARER_PROXY_CLIENT_SECRET"] = "\r\n";
  CHECK(blank.errors().find("it is empty") != std::string::npos);
  for (const char* value : {"s3\ncret", "\ts3cret", "s3cret\x7f"}) {
    CAPTURE(value);
    Configuring configuring = complete();
    configuring.environment["BEARER_PROXY_CLIENT_SECRET"] = value;
    CHECK(configuring.errors().find("control character") != std::string::npos);
  }
}

TEST_CASE("the id of a client that authenticates in the head may be in the body, too") {
  CHECK(complete_with({"--token-param", "client_id=id"}).errors() == "");
  CHECK(complete_with({"--token-param", "client_id=other"}).blames("token_param"));
  CHECK(complete_with({"--token-param", "client_id=id", "--auth-method", "client_secret_post"})
            .blames("token_param"));
}
