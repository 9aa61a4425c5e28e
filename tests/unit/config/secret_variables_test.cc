#include "config/secret_variables.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/config/configuring.h"

using namespace bearer::config;

namespace {

bool holds(const Settings& settings, std::string_view variable) {
  return std::ranges::find(settings.secret_variables, variable) != settings.secret_variables.end();
}

}  // namespace

TEST_CASE("every variable that holds a secret of the configuration is known") {
  Configuring configuring = with_file(R"({
    "credentials": {
      "crm": {"token_url": "https://l.example.com/t", "client_id": "a", "client_secret_env": "CRM"},
      "gen": {"preset": "genesys", "client_id": "b"}
    },
    "routes": [{"path": "/crm/", "upstream": "https://a.example.com", "credential": "crm"},
               {"credential": "gen"}]
  })");
  configuring.environment = {{"CRM", "s"}, {"GENESYS_CLIENT_SECRET", "t"}};
  const Settings settings = configuring.settings();
  CHECK(holds(settings, "CRM"));
  CHECK(holds(settings, "GENESYS_CLIENT_SECRET"));
  CHECK(holds(settings, "BEARER_PROXY_CLIENT_SECRET"));
  CHECK(holds(settings, "BEARER_PROXY_TOKEN_PARAM"));
  CHECK(holds(settings, "BEARER_PROXY_EGRESS_PROXY"));
  CHECK_FALSE(holds(settings, "AZURE_CLIENT_SECRET"));
  CHECK_FALSE(holds(settings, "BEARER_PROXY_CLIENT_ID"));
}

TEST_CASE("the settings of the file that hold a secret themselves are known, and no others") {
  const auto found = [](Configuring configuring) { return configuring.settings().secrets_in_file; };
  const Configuring many = with_file(R"({
    "token_store": "rediss://:hush@redis.example/1", "token_store_key_file": "k",
    "credentials": {
      "crm": {"token_url": "https://l.example.com/t", "client_id": "a",
              "token_param": {"api_key": "hush", "subject_token_type": "urn:x", "kind": "key"},
              "token_header": ["X-Subscription-Key: hush", "Accept-Language: en"]}
    },
    "routes": [{"upstream": "https://a.example.com", "set_header": "x-api-key: hush"}]
  })");
  Configuring with_key = many;
  with_key.files["k"] = "x";
  CHECK(found(with_key) == std::vector<std::string>{"token_store",
                                                    "token_header X-Subscription-Key",
                                                    "token_param api_key", "set_header x-api-key"});
  CHECK(with_key.settings().config_file == "b.json");

  const std::string plain = R"({"upstream": "https://a.example.com", "client_id": "a",
    "token_url": "https://l.example.com/t", "token_param": {"resource_token": ""},
    "egress_proxy": "http://proxy.example:3128", "set_header": "X-Tenant: key"})";
  Configuring elsewhere = with_file(plain);
  elsewhere.environment["BEARER_PROXY_TOKEN_HEADER"] = "X-Api-Key: hush";
  CHECK(found(elsewhere).empty());
  CHECK(complete_with({"--token-param", "api_key=hush"}).settings().secrets_in_file.empty());
}

TEST_CASE("a preset's variable is a secret also where another one is used") {
  Configuring configuring{
      .arguments = {"--preset", "genesys", "--client-id", "a"},
      .environment = {{"BEARER_PROXY_CLIENT_SECRET", "s"}, {"GENESYS_CLIENT_SECRET", "t"}}};
  CHECK(holds(configuring.settings(), "GENESYS_CLIENT_SECRET"));
}

TEST_CASE("a token command is kept from the secrets of all credentials") {
  Configuring configuring = with_file(R"({
    "credentials": {
      "crm": {"token_url": "https://l.example.com/t", "client_id": "a", "client_secret_env": "CRM"},
      "cli": {"token_command": "vault-token crm"}
    },
    "routes": [{"path": "/crm/", "upstream": "https://a.example.com", "credential": "crm"},
               {"upstream": "https://b.example.com", "credential": "cli"}]
  })");
  configuring.environment = {{"CRM", "s"}};
  const Settings settings = configuring.settings();
  CHECK(settings.credentials[0].hidden_variables.empty());
  const std::vector<std::string>& hidden = settings.credentials[1].hidden_variables;
  CHECK(std::ranges::find(hidden, "CRM") != hidden.end());
  CHECK(std::ranges::find(hidden, "BEARER_PROXY_CLIENT_SECRET") != hidden.end());
  CHECK(std::ranges::find(hidden, "PATH") == hidden.end());
}

TEST_CASE("a program whose token is exchanged is kept from secrets, too") {
  Configuring configuring{
      .arguments = {"--external-account-file", "gac.json", "--upstream", "https://b.example.com"},
      .environment = {{"GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1"}},
      .files = {{"gac.json", R"({"type": "external_account", "audience": "//a",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"executable": {"command": "get-token"}}})"}}};
  const Settings settings = configuring.settings();
  const std::vector<std::string>& hidden = settings.credentials.at(0).before.at(0).hidden_variables;
  CHECK(std::ranges::find(hidden, "BEARER_PROXY_CLIENT_SECRET") != hidden.end());
}
