// Presets of platforms that give a workload its identity, each against doubles that take what the
// platform's documentation says and nothing else.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/integration/token/workload_platform.h"
#include "tests/support/raw_server.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_keys.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::workload;
using nlohmann::json;

TEST_CASE("azure-workload-identity: a rotated file is the client's proof at each request") {
  const test::TemporaryDirectory directory;
  std::string expected = "header.first.signature";
  const Platform entra([&](const Asked& asked) -> Reply {
    const std::string wanted =
        "grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&"
        "client_id=c-1&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type"
        "%3Ajwt-bearer&client_assertion=" +
        expected;
    if (asked.line != "POST /t-1/oauth2/v2.0/token HTTP/1.1" || asked.body != wanted) {
      return answer({{"error", "invalid_request"}, {"error_description", "AADSTS900144"}}, 400);
    }
    return answer({{"token_type", "Bearer"},
                   {"expires_in", 3599},
                   {"ext_expires_in", 3599},
                   {"access_token", "eyJ0.e30.eA"}});
  });
  const config::Environment pod = {
      {"AZURE_CLIENT_ID", "c-1"},
      {"AZURE_TENANT_ID", "t-1"},
      {"AZURE_AUTHORITY_HOST", entra.url("/")},
      {"AZURE_FEDERATED_TOKEN_FILE", directory.write("token", expected + "\n")}};
  check_token(fetch({"--preset", "azure-workload-identity"}, pod), "eyJ0.e30.eA", 3599s);
  expected = "header.second.signature";
  directory.write("token", expected);
  check_token(fetch({"--preset", "azure-workload-identity"}, pod), "eyJ0.e30.eA", 3599s);
}

TEST_CASE("azure-workload-identity: an assertion that is not yet trusted everywhere passes") {
  const test::TemporaryDirectory directory;
  const Platform entra([](const Asked&) {
    return answer({{"error", "invalid_client"},
                   {"error_description",
                    "AADSTS700213: No matching federated identity record "
                    "found for presented assertion subject 'x'."}},
                  401);
  });
  const auto fetched = fetch({"--preset", "azure-workload-identity"},
                             {{"AZURE_CLIENT_ID", "c"},
                              {"AZURE_TENANT_ID", "t"},
                              {"AZURE_AUTHORITY_HOST", entra.url()},
                              {"AZURE_FEDERATED_TOKEN_FILE", directory.write("token", "a.b.c")}});
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().code == base::Errc::token_server_error);
}

TEST_CASE("azure-managed-identity: the machine's metadata server") {
  const Platform imds([](const Asked& asked) -> Reply {
    if (asked.field("Metadata") != "true") {
      return answer({{"error", "invalid_request"},
                     {"error_description", "Required metadata header not specified"}},
                    400);
    }
    if (asked.line !=
        "GET /metadata/identity/oauth2/token?api-version=2018-02-01&"
        "resource=https%3A%2F%2Fvault.azure.net&client_id=user-1 HTTP/1.1") {
      return answer({{"error", "invalid_resource"}, {"error_description", asked.line}}, 400);
    }
    return answer({{"access_token", "eyJ0.e30.eA"},
                   {"client_id", "user-1"},
                   {"expires_in", "86399"},
                   {"expires_on", epoch_in(86399s)},
                   {"ext_expires_in", "86399"},
                   {"not_before", epoch_in(0s)},
                   {"resource", "https://vault.azure.net"},
                   {"token_type", "Bearer"}});
  });
  check_token(
      fetch({"--preset", "azure-managed-identity", "--resource", "https://vault.azure.net"},
            {{"AZURE_POD_IDENTITY_AUTHORITY_HOST", imds.url()}, {"AZURE_CLIENT_ID", "user-1"}}),
      "eyJ0.e30.eA", 86399s);
}

TEST_CASE("azure-managed-identity: App Service says an end, and keeps its header to itself") {
  bool known = true;
  const Platform service([&](const Asked& asked) -> Reply {
    if (!known || asked.field("X-IDENTITY-HEADER") != "853b9a84-5bfa") {
      return answer({{"statusCode", 401}, {"message", "not the header 853b9a84-5bfa"}}, 401);
    }
    if (!asked.line.starts_with("GET /msi/token?api-version=2019-08-01&resource="))
      return {404, ""};
    return answer({{"access_token", "eyJ0.e30.eA"},
                   {"expires_on", epoch_in(5000s)},
                   {"resource", "https://graph.microsoft.com"},
                   {"token_type", "Bearer"},
                   {"client_id", "5E29463D"}});
  });
  const config::Environment environment = {{"IDENTITY_ENDPOINT", service.url("/msi/token")},
                                           {"IDENTITY_HEADER", "853b9a84-5bfa"}};
  check_token(fetch({"--preset", "azure-managed-identity"}, environment), "eyJ0.e30.eA", 5000s);
  known = false;
  const auto refused = fetch({"--preset", "azure-managed-identity"}, environment);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().detail == "the token endpoint answered 401 (not the header ***)");
}

TEST_CASE("gce: the machine's service account") {
  const Platform metadata([](const Asked& asked) -> Reply {
    if (asked.field("Metadata-Flavor") != "Google") return {403, "no flavor", "text/html"};
    if (asked.line != "GET /computeMetadata/v1/instance/service-accounts/default/token HTTP/1.1") {
      return {404, ""};
    }
    return answer({{"access_token", kGoogle}, {"expires_in", 3020}, {"token_type", "Bearer"}});
  });
  check_token(fetch({"--preset", "gce"}, {{"GCE_METADATA_HOST", metadata.authority()}}), kGoogle,
              3020s);
}

TEST_CASE("cloud-run: an ID token for an audience, as text from the metadata server") {
  const Platform metadata([](const Asked& asked) -> Reply {
    if (asked.field("Metadata-Flavor") != "Google") return {403, "no flavor", "text/html"};
    if (asked.line !=
        "GET /computeMetadata/v1/instance/service-accounts/default/identity?format=full&"
        "audience=https%3A%2F%2Fs.a.run.app HTTP/1.1") {
      return {400, "non-empty audience parameter required", "text/html"};
    }
    return {200, kIdToken, "text/html"};
  });
  check_token(fetch({"--preset", "cloud-run", "--audience", "https://s.a.run.app"},
                    {{"GCE_METADATA_HOST", metadata.authority()}}),
              kIdToken, 3600s);
}

TEST_CASE("cloud-run: an ID token for an audience, by a service account's key") {
  const test::TemporaryDirectory directory;
  const test::Key key = test::rsa_key();
  const Platform google([&](const Asked& asked) -> Reply {
    const std::size_t at = asked.body.find("&assertion=");
    if (at == std::string::npos) return answer({{"error", "invalid_request"}}, 400);
    const test::Jws jws(asked.body.substr(at + 11));
    const bool good = jws.is_by(key.get()) && jws.claims.at("iss") == "job@p.iam" &&
                      jws.claims.at("target_audience") == "https://s.a.run.app" &&
                      !jws.claims.contains("scope");
    return good ? answer({{"id_token", kIdToken}}) : answer({{"error", "invalid_grant"}}, 400);
  });
  const json account = {{"type", "service_account"},
                        {"client_email", "job@p.iam"},
                        {"private_key_id", "k"},
                        {"private_key", test::private_pem(key.get())},
                        {"token_uri", "https://oauth2.googleapis.com/token"}};
  check_token(
      fetch({"--preset", "cloud-run", "--audience", "https://s.a.run.app", "--token-url",
             google.url("/token")},
            {{"GOOGLE_APPLICATION_CREDENTIALS", directory.write("gac.json", account.dump())}}),
      kIdToken, 3600s);
}

TEST_CASE("github-app: a JWT of the app becomes the installation's token") {
  const test::TemporaryDirectory directory;
  const test::Key key = test::rsa_key();
  const Platform github([&](const Asked& asked) -> Reply {
    const std::string authorization = asked.field("Authorization");
    if (asked.line != "POST /app/installations/4711/access_tokens HTTP/1.1") return {404, "{}"};
    if (!authorization.starts_with("Bearer ") || asked.body != "{}" ||
        asked.field("Accept") != "application/vnd.github+json" ||
        asked.field("User-Agent").empty()) {
      return answer({{"message", "Bad credentials"}}, 401);
    }
    const test::Jws jws(authorization.substr(7));
    const std::int64_t now = std::stoll(epoch_in(0s));
    const bool good = jws.is_by(key.get()) && jws.header.at("alg") == "RS256" &&
                      jws.claims.at("iss") == "12345" && jws.claims.at("iat") <= now - 50 &&
                      jws.claims.at("exp") <= now + 600;
    if (!good) return answer({{"message", "A JSON web token could not be decoded"}}, 401);
    return answer({{"token", "ghs_16C7e42F292c6912E7710c838347Ae178B4a"},
                   {"expires_at", iso_in(3600s)},
                   {"permissions", {{"issues", "write"}}},
                   {"repository_selection", "all"}},
                  201);
  });
  const std::string pem = directory.write("app.pem", test::private_pem(key.get()));
  const config::Environment environment = {{"GITHUB_APP_ID", "12345"},
                                           {"GITHUB_APP_INSTALLATION_ID", "4711"}};
  check_token(fetch({"--preset", "github-app", "--client-key", pem, "--token-url",
                     github.url("/app/installations/4711/access_tokens")},
                    environment),
              "ghs_16C7e42F292c6912E7710c838347Ae178B4a", 3600s);
  const auto refused = fetch({"--preset", "github-app", "--client-key", pem, "--client-id", "9",
                              "--token-url", github.url("/app/installations/4711/access_tokens")},
                             environment);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == base::Errc::token_rejected);
  CHECK(refused.error().detail.find("could not be decoded") != std::string::npos);
}

TEST_CASE("zoom: a grant of its own, with its parameter") {
  const Platform zoom([](const Asked& asked) {
    const bool good = asked.body == "grant_type=account_credentials&account_id=a-1" &&
                      asked.field("Authorization") == "Basic aWQ6cw==";
    return good
               ? answer({{"access_token", "eyJ0.e30.eA"}, {"expires_in", 3599}})
               : answer({{"reason", "unsupported grant type"}, {"error", "unsupported_grant_type"}},
                        400);
  });
  check_token(fetch({"--grant", "account_credentials", "--token-param", "account_id=a-1",
                     "--token-url", zoom.url("/oauth/token"), "--client-id", "id"},
                    {{"BEARER_PROXY_CLIENT_SECRET", "s"}}),
              "eyJ0.e30.eA", 3599s);
}

TEST_CASE("a key in a header, a JSON body and members of its own together") {
  const test::TemporaryDirectory directory;
  const Platform api([](const Asked& asked) {
    const bool good = json::parse(asked.body) == json{{"user", "u"}, {"tags", {"a", "b"}}} &&
                      asked.field("X-Api-Key") == "k-1";
    return good ? answer({{"result", {{"session", "s.1"}, {"ttl", 60}}}})
                : answer({{"message", "no"}}, 403);
  });
  check_token(
      fetch({"--grant", "none", "--token-body", "json", "--token-param", "user=u", "--token-param",
             "tags=a", "--token-param", "tags=b", "--token-header-file",
             directory.write("fields", "X-Api-Key: k-1\n"), "--token-member", "result.session",
             "--expiry-member", "result.ttl", "--token-url", api.url("/login")}),
      "s.1", 60s);
}
