#include "config/presets.h"

#include <doctest/doctest.h>

#include "tests/unit/config/configuring.h"

using namespace bearer;
using namespace bearer::config;

TEST_CASE("genesys needs an id and a secret, and nothing else") {
  const Configuring configuring{
      .arguments = {"--preset", "genesys"},
      .environment = {{"GENESYS_CLIENT_ID", "id"}, {"GENESYS_CLIENT_SECRET", "s"}}};
  const Settings settings = configuring.settings();
  CHECK(settings.routes.at(0).upstream.text() == "https://api.mypurecloud.com");
  const token::CredentialOptions& credential = settings.credentials.at(0);
  CHECK(credential.token_url.text() == "https://login.mypurecloud.com/oauth/token");
  CHECK(credential.client_id == "id");
  CHECK(credential.client_secret == base::Secret("s"));
  CHECK(credential.auth_method == token::ClientAuth::client_secret_basic);
  CHECK(credential.refresh_margin == std::chrono::seconds(300));
}

TEST_CASE("each public region of genesys has its own hosts") {
  const std::span<const std::string_view> regions = find_preset("genesys")->region.known;
  CHECK(regions.size() == 18);
  for (const std::string_view region : regions) {
    CAPTURE(region);
    const Settings settings =
        Configuring{.arguments = {"--preset", "genesys", "--region", std::string(region)},
                    .environment = {{"GENESYS_CLIENT_ID", "id"}, {"GENESYS_CLIENT_SECRET", "s"}}}
            .settings();
    CHECK(settings.routes.at(0).upstream.host == "api." + std::string(region));
    CHECK(settings.credentials.at(0).token_url.host == "login." + std::string(region));
  }
}

TEST_CASE("a region that is not known gets no secret, and the nearest one is named") {
  const std::string errors =
      complete_with({"--preset", "genesys", "--region", "mypurecloud.dee"}).errors();
  CHECK(errors ==
        "region = \"mypurecloud.dee\" (from --region): not a region of genesys; did you mean "
        "mypurecloud.de? (for a region that is not built in, set upstream and token_url without a "
        "preset)");
}

TEST_CASE("a preset's own variables are not looked at without the preset") {
  const Configuring configuring{.environment = {{"GENESYS_CLIENT_ID", "id"}}};
  CHECK(configuring.errors().find("client_id is not set") != std::string::npos);
}

namespace {

struct Found {
  std::string errors;
  token::CredentialOptions credential;
  std::string upstream;
};

/// Returns what comes of a preset and `more`; every file is there.
Found with_preset(const std::string& name, std::vector<std::string> more,
                  Environment environment = {}) {
  more.insert(more.begin(), {"--preset", name});
  const Configuring configuring{.arguments = std::move(more),
                                .environment = std::move(environment),
                                .files = {{"key", "x"}, {"secret", "x"}}};
  Found found{.errors = configuring.errors(), .credential = {}, .upstream = {}};
  if (!found.errors.empty()) return found;
  const Settings settings = configuring.settings();
  return {"", settings.credentials.at(0), settings.routes.at(0).upstream.text()};
}

}  // namespace

TEST_CASE("entra needs a tenant, an id and a secret, and asks for graph's default scope") {
  const Environment azure = {{"AZURE_TENANT_ID", "Contoso.onmicrosoft.com"},
                             {"AZURE_CLIENT_ID", "id"},
                             {"AZURE_CLIENT_SECRET", "s"}};
  const Found found = with_preset("entra", {}, azure);
  REQUIRE(found.errors == "");
  CHECK(found.upstream == "https://graph.microsoft.com");
  CHECK(found.credential.token_url.text() ==
        "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token");
  CHECK(found.credential.auth_method == token::ClientAuth::client_secret_post);
  CHECK(found.credential.scope == "https://graph.microsoft.com/.default");
  CHECK(found.credential.client_secret == base::Secret("s"));

  CHECK(with_preset("entra", {"--scope", "User.Read"}, azure).errors ==
        "scope = \"User.Read\" (from --scope): entra wants it to end with /.default, such as "
        "https://graph.microsoft.com/.default");
  CHECK(
      with_preset("entra", {}, {{"AZURE_CLIENT_ID", "id"}, {"AZURE_CLIENT_SECRET", "s"}}).errors ==
      "region is not set: give it with --region, BEARER_PROXY_REGION, AZURE_TENANT_ID or the "
      "config key region; of entra it is the tenant's id or domain");
}

TEST_CASE("google needs a service account's key file") {
  const Found found = with_preset("google", {"--upstream", "https://storage.googleapis.com"},
                                  {{"GOOGLE_APPLICATION_CREDENTIALS", "key"}});
  REQUIRE(found.errors == "");
  CHECK(found.credential.token_url.text() == "https://oauth2.googleapis.com/token");
  CHECK(found.credential.grant == token::Grant::jwt_bearer);
  CHECK(found.credential.auth_method == token::ClientAuth::none);
  CHECK(found.credential.service_account_file == "key");
  CHECK(found.credential.scope == "https://www.googleapis.com/auth/cloud-platform");
}

TEST_CASE("okta needs its domain, an id, a key and a scope") {
  const Found found = with_preset("okta", {"--region", "acme.okta.com", "--client-id", "id",
                                           "--client-key", "key", "--scope", "okta.users.read"});
  REQUIRE(found.errors == "");
  CHECK(found.upstream == "https://acme.okta.com");
  CHECK(found.credential.token_url.text() == "https://acme.okta.com/oauth2/v1/token");
  CHECK(found.credential.auth_method == token::ClientAuth::private_key_jwt);
  CHECK(found.credential.dpop);
  CHECK_FALSE(with_preset("okta", {"--region", "acme.okta.com", "--client-id", "id", "--client-key",
                                   "key", "--scope", "okta.users.read", "--dpop=false"})
                  .credential.dpop);

  CHECK(
      with_preset("okta", {"--region", "acme.okta.com", "--client-id", "id", "--client-key", "key"})
          .errors.find("okta gives no token without a scope") != std::string::npos);

  const Found custom = with_preset("okta", {"--issuer", "https://acme.okta.com/oauth2/default",
                                            "--upstream", "https://api.example.com", "--client-id",
                                            "id", "--client-key", "key", "--scope", "s"});
  REQUIRE(custom.errors == "");
  CHECK(custom.credential.token_url.host == "");
  CHECK(custom.credential.issuer->path == "/oauth2/default");
}

TEST_CASE("auth0 needs its domain, an id, a secret and an audience") {
  const std::vector<std::string> settings = {
      "--upstream", "https://api.example.com", "--region", "acme.eu.auth0.com", "--client-id",
      "id",         "--client-secret-file",    "secret"};
  CHECK(with_preset("auth0", settings).errors.find("auth0 gives tokens for an audience") !=
        std::string::npos);
  std::vector<std::string> with_audience = settings;
  with_audience.insert(with_audience.end(), {"--audience", "https://api.example.com"});
  const Found found = with_preset("auth0", with_audience);
  REQUIRE(found.errors == "");
  CHECK(found.credential.token_url.text() == "https://acme.eu.auth0.com/oauth/token");
  CHECK(found.credential.auth_method == token::ClientAuth::client_secret_post);
}

TEST_CASE("keycloak needs its server and realm") {
  const Found found = with_preset("keycloak", {"--upstream", "https://api.example.com", "--region",
                                               "SSO.example.com:8443/realms/Acme_1", "--client-id",
                                               "id", "--client-secret-file", "secret"});
  REQUIRE(found.errors == "");
  CHECK(found.credential.token_url.text() ==
        "https://sso.example.com:8443/realms/Acme_1/protocol/openid-connect/token");
  CHECK(found.credential.auth_method == token::ClientAuth::client_secret_basic);
}

TEST_CASE("salesforce needs the org's own domain, which is the upstream, too") {
  const Found found =
      with_preset("salesforce", {"--region", "acme.my.salesforce.com", "--client-id", "id",
                                 "--client-secret-file", "secret"});
  REQUIRE(found.errors == "");
  CHECK(found.upstream == "https://acme.my.salesforce.com");
  CHECK(found.credential.token_url.text() ==
        "https://acme.my.salesforce.com/services/oauth2/token");
  CHECK(found.credential.auth_method == token::ClientAuth::client_secret_post);
}

TEST_CASE("salesforce's answer names the upstream, unless a person wrote it") {
  const std::vector<std::string> settings = {
      "--preset", "salesforce",           "--region", "acme.my.salesforce.com", "--client-id",
      "id",       "--client-secret-file", "secret"};
  const auto with = [&](const std::vector<std::string>& more, const Environment& environment = {}) {
    Configuring configuring{
        .arguments = settings, .environment = environment, .files = {{"secret", "x"}}};
    configuring.arguments.insert(configuring.arguments.end(), more.begin(), more.end());
    return configuring.settings();
  };
  const Settings by_preset = with({});
  CHECK(by_preset.credentials.at(0).attributes == std::vector<std::string>{"instance_url"});
  CHECK(by_preset.upstreams_from_tokens ==
        std::vector{UpstreamFromToken{
            "default", "instance_url", {"salesforce.com", "salesforce.mil"}, {0}}});
  const char* own = "https://acme.my.salesforce.com";
  CHECK(with({"--upstream", own}).upstreams_from_tokens.at(0).routes.empty());
  CHECK(with({}, {{"BEARER_PROXY_UPSTREAM", own}}).upstreams_from_tokens.at(0).routes.empty());
  CHECK(complete().settings().credentials.at(0).attributes.empty());
  CHECK(complete().settings().upstreams_from_tokens.empty());
}

TEST_CASE("what a person writes into a file that is called like a preset stays the person's") {
  const auto from = [](const char* name, const std::string& json) {
    return Configuring{.arguments = {"--config", name},
                       .environment = {{"BEARER_PROXY_CLIENT_SECRET", "s"}},
                       .files = {{name, json}, {"token", "t"}}};
  };
  const std::string salesforce = R"({"preset": "salesforce", "region": "acme.my.salesforce.com",
      "client_id": "id", "upstream": "https://other.my.salesforce.com"})";
  const std::string token_file = R"({"upstream": "https://api.example.com", "token_file": "token",
      "token_store": "file:/store"})";
  for (const char* name : {"x.json", "preset x.json", "default"}) {
    CAPTURE(name);
    CHECK(from(name, salesforce).settings().upstreams_from_tokens.at(0).routes.empty());
    CHECK(from(name, token_file).errors().find("of no use beside token_file") != std::string::npos);
  }
}

TEST_CASE("a region that would make another host or path of a URL is refused") {
  for (const char* region : {"evil.example/x", "user@evil.example", "https://acme.okta.com",
                             "acme.okta.com/", "a b", "acme.okta.com:80", "a?b", "a#b"}) {
    CAPTURE(region);
    const Found found = with_preset(
        "okta", {"--region", region, "--client-id", "id", "--client-key", "key", "--scope", "s"});
    CHECK(found.errors.find("not the organisation's domain, such as acme.okta.com; write it "
                            "without https:// and without a slash at its end") !=
          std::string::npos);
  }
}

TEST_CASE("keycloak's region is no URL, whose scheme would be the host") {
  CHECK(with_preset("keycloak", {"--region", "https://sso.example.com/realms/acme", "--client-id",
                                 "id", "--upstream", "https://api.example.com"})
            .errors.find("not server and realm, such as") != std::string::npos);
}

TEST_CASE("azure-workload-identity starts with what the webhook sets, and nothing else") {
  const Environment pod = {{"AZURE_CLIENT_ID", "id"},
                           {"AZURE_TENANT_ID", "t-1"},
                           {"AZURE_FEDERATED_TOKEN_FILE", "key"},
                           {"AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"}};
  const Found found = with_preset("azure-workload-identity", {}, pod);
  REQUIRE(found.errors == "");
  CHECK(found.upstream == "https://graph.microsoft.com");
  CHECK(found.credential.token_url.text() ==
        "https://login.microsoftonline.us/t-1/oauth2/v2.0/token");
  CHECK(found.credential.auth_method == token::ClientAuth::assertion_file);
  CHECK(found.credential.client_assertion_file == "key");
  CHECK(found.credential.client_id == "id");
  CHECK(found.credential.scope == "https://graph.microsoft.com/.default");

  Environment plain = pod;
  plain.erase("AZURE_AUTHORITY_HOST");
  CHECK(with_preset("azure-workload-identity", {}, plain).credential.token_url.host ==
        "login.microsoftonline.com");
  plain.erase("AZURE_FEDERATED_TOKEN_FILE");
  CHECK(with_preset("azure-workload-identity", {}, plain)
            .errors.find("azure.workload.identity/use") != std::string::npos);
}

TEST_CASE("entra takes the pod's assertion from those who bring no proof of their own") {
  const Environment pod = {
      {"AZURE_CLIENT_ID", "id"}, {"AZURE_TENANT_ID", "t-1"}, {"AZURE_FEDERATED_TOKEN_FILE", "key"}};
  const auto method = [](std::vector<std::string> more, const Environment& environment) {
    const Found found = with_preset("entra", std::move(more), environment);
    REQUIRE(found.errors == "");
    return found.credential.auth_method;
  };
  using token::ClientAuth;
  CHECK(method({}, pod) == ClientAuth::assertion_file);
  CHECK(method({"--client-secret-file", "secret"}, pod) == ClientAuth::client_secret_post);
  CHECK(method({"--client-key", "key", "--auth-method", "private_key_jwt"}, pod) ==
        ClientAuth::private_key_jwt);
  Environment both = pod;
  both["AZURE_CLIENT_SECRET"] = "s";
  CHECK(method({}, both) == ClientAuth::client_secret_post);
}

TEST_CASE("azure-managed-identity asks the machine's metadata server, or App Service's endpoint") {
  const Found machine = with_preset("azure-managed-identity", {});
  REQUIRE(machine.errors == "");
  CHECK(machine.credential.token_url.text() ==
        "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01");
  CHECK(machine.credential.ways.method == token::TokenMethod::get);
  CHECK(machine.credential.ways.fields ==
        std::vector<std::pair<std::string, base::Secret>>{{"Metadata", base::Secret("true")}});
  CHECK(machine.credential.resources == std::vector<std::string>{"https://graph.microsoft.com"});
  CHECK(machine.credential.grant == token::Grant::other);
  CHECK(machine.credential.grant_type == "");

  const Environment app_service = {{"IDENTITY_ENDPOINT", "http://172.16.0.4:8081/msi/token/"},
                                   {"IDENTITY_HEADER", "h34der"},
                                   {"AZURE_CLIENT_ID", "user-assigned"}};
  const Found service = with_preset("azure-managed-identity", {}, app_service);
  REQUIRE(service.errors == "");
  CHECK(service.credential.token_url.text() ==
        "http://172.16.0.4:8081/msi/token?api-version=2019-08-01");
  CHECK(service.credential.ways.fields == std::vector<std::pair<std::string, base::Secret>>{
                                              {"X-IDENTITY-HEADER", base::Secret("h34der")}});
  CHECK(service.credential.client_id == "user-assigned");

  const Environment foreign = {{"IDENTITY_ENDPOINT", "http://203.0.113.9/msi/token"},
                               {"IDENTITY_HEADER", "h34der"}};
  const std::string errors = with_preset("azure-managed-identity", {}, foreign).errors;
  CHECK(errors.find("plain http to another machine") != std::string::npos);
  CHECK(errors.find("h34der") == std::string::npos);
}

TEST_CASE("gce and cloud-run ask Google's metadata server in plain http") {
  const Found gce = with_preset("gce", {"--upstream", "https://storage.googleapis.com"});
  REQUIRE(gce.errors == "");
  CHECK(gce.credential.token_url.text() ==
        "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/"
        "token");
  CHECK(gce.credential.ways.fields.at(0).first == "Metadata-Flavor");

  const std::vector<std::string> service = {"--upstream", "https://svc.a.run.app", "--audience",
                                            "https://svc.a.run.app"};
  const Found run = with_preset("cloud-run", service);
  REQUIRE(run.errors == "");
  CHECK(run.credential.token_url.path ==
        "/computeMetadata/v1/instance/service-accounts/default/identity?format=full");
  CHECK(run.credential.ways.members.token == ".");

  for (const bool by_variable : {true, false}) {
    std::vector<std::string> settings = service;
    Environment environment;
    if (by_variable) {
      environment["GOOGLE_APPLICATION_CREDENTIALS"] = "key";
    } else {
      settings.insert(settings.end(), {"--service-account-file", "key"});
    }
    const Found by_key = with_preset("cloud-run", settings, environment);
    REQUIRE(by_key.errors == "");
    CHECK(by_key.credential.grant == token::Grant::jwt_bearer);
    CHECK(by_key.credential.token_url.text() == "https://oauth2.googleapis.com/token");
    CHECK(by_key.credential.ways.members.token == "id_token");
    CHECK(by_key.credential.ways.fields.empty());
    CHECK(by_key.credential.scope == "");
  }
  CHECK(with_preset("cloud-run", {"--upstream", "https://x.a.run.app"})
            .errors.find("an ID token is for one service") != std::string::npos);
  // A metadata server by another name, and an API, are no exception.
  CHECK(with_preset("gce", {"--upstream", "http://169.254.169.254"})
            .errors.find("upstream = \"http://169.254.169.254\"") != std::string::npos);
  CHECK(with_preset("gce", {"--upstream", "https://a.example"}, {{"GCE_METADATA_HOST", "10.1.2.3"}})
            .errors == "");
  CHECK(with_preset("gce", {"--upstream", "https://a.example"},
                    {{"GCE_METADATA_HOST", "metadata.example.com"}})
            .errors.find("plain http to another machine") != std::string::npos);
}

TEST_CASE("github-app signs for the app and asks for its installation's token") {
  const Found found = with_preset("github-app", {"--client-key", "key"},
                                  {{"GITHUB_APP_ID", "7"}, {"GITHUB_APP_INSTALLATION_ID", "4711"}});
  REQUIRE(found.errors == "");
  CHECK(found.upstream == "https://api.github.com");
  CHECK(found.credential.token_url.text() ==
        "https://api.github.com/app/installations/4711/access_tokens");
  CHECK(found.credential.auth_method == token::ClientAuth::bearer_jwt);
  CHECK(found.credential.ways.body == token::TokenBody::json);
  CHECK(found.credential.ways.members == token::AnswerMembers{"token", "expires_at"});
  CHECK(found.credential.ways.fields.size() == 2);
  CHECK(with_preset("github-app", {"--region", "4711", "--client-id", "7"})
            .errors.find("the app's private key") != std::string::npos);
}

TEST_CASE("what cannot be reached is told by the setting that a person wrote") {
  const auto settings_of = [](const std::vector<std::string>& arguments) {
    return Configuring{.arguments = arguments, .environment = {{"BEARER_PROXY_CLIENT_SECRET", "s"}}}
        .settings();
  };
  const Settings genesys = settings_of({"--preset", "genesys", "--client-id", "i"});
  CHECK(genesys.routes[0].upstream_setting == "region");
  CHECK(genesys.credentials[0].token_url_setting == "region");
  const Settings managed = settings_of({"--preset", "azure-managed-identity"});
  CHECK(managed.routes[0].upstream_setting == "preset");
  const Settings own =
      settings_of({"--preset", "genesys", "--client-id", "i", "--upstream", "https://a.example.com",
                   "--token-url", "https://b.example.com/t"});
  CHECK(own.routes[0].upstream_setting == "upstream");
  CHECK(own.credentials[0].token_url_setting == "token_url");
}
