// Presets of platforms that give a workload its identity, each against doubles that take what the
// platform's documentation says and nothing else.
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "config/command_line.h"
#include "tests/support/raw_server.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_keys.h"
#include "token/refresh/factory.h"

using namespace bearer;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

struct Asked {
  std::string line;  ///< `GET /path HTTP/1.1`
  std::string head;  ///< with the line
  std::string body;

  std::string field(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

struct Reply {
  int status = 200;
  std::string body;
  const char* content_type = "application/json";
};

Reply answer(const json& body, int status = 200) {
  return {status, body.dump()};
}

/// A server of the platform: judges each request and keeps it.
class Platform {
 public:
  explicit Platform(std::function<Reply(const Asked&)> judge)
      : judge_(std::move(judge)), server_([this](test::RawConnection& connection) {
          Asked asked;
          asked.head = connection.read_until("\r\n\r\n");
          asked.line = asked.head.substr(0, asked.head.find("\r\n"));
          const std::string length = asked.field("Content-Length");
          if (!length.empty()) asked.body = connection.read_bytes(std::stoul(length));
          const Reply reply = judge_(asked);
          {
            const std::lock_guard lock(mutex_);
            asked_.push_back(std::move(asked));
          }
          connection.write("HTTP/1.1 " + std::to_string(reply.status) +
                           " X\r\nContent-Type: " + reply.content_type + "\r\nContent-Length: " +
                           std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body);
        }) {}

  std::string authority() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  std::string url(const std::string& path = "") const { return "http://" + authority() + path; }
  std::vector<Asked> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  const std::function<Reply(const Asked&)> judge_;
  mutable std::mutex mutex_;
  std::vector<Asked> asked_;
  test::RawServer server_;
};

/// What a workload gets that names the preset, in this environment.
base::Result<token::Fetched> fetch(const std::vector<std::string>& settings,
                                   const config::Environment& environment = {}) {
  std::vector<std::string> all = settings;
  all.insert(all.end(), {"--upstream", "https://api.example.com"});
  const config::Command command =
      config::parse_command_line(all, environment, config::real_files());
  return token::fetch_once(command.settings.credentials.at(0));
}

void check_token(const base::Result<token::Fetched>& fetched, std::string_view token,
                 base::Duration lifetime) {
  if (!fetched) MESSAGE(fetched.error().sentence());
  REQUIRE(fetched.has_value());
  CHECK(fetched->value.reveal() == token);
  const base::Duration off = fetched->lifetime() - lifetime;
  CHECK(off <= 2s);
  CHECK(off >= -2s);
}

std::string epoch_in(std::chrono::seconds ahead) {
  const auto now = std::chrono::system_clock::now() + ahead;
  return std::to_string(std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count());
}

std::string iso_in(std::chrono::seconds ahead) {
  return base::format_utc(base::system_clock().wall() + ahead);
}

/// Opaque, in the shapes of each.
constexpr const char* kGoogle = "ya29.d.c0AZ4bNpa_9Qw.....v2";
constexpr const char* kIdToken =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJhdWQiOiJodHRwczovL3MuYS5ydW4uYXBwIn0.c2lnbmF0dXJl";

}  // namespace

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

namespace {

constexpr const char* kPool =
    "//iam.googleapis.com/projects/1/locations/global/"
    "workloadIdentityPools/p/providers/q";

json external_account(const Platform& google, const json& source, bool impersonated) {
  json made = {{"type", "external_account"},
               {"audience", kPool},
               {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
               {"token_url", google.url("/v1/token")},
               {"credential_source", source}};
  if (impersonated) {
    made["service_account_impersonation_url"] =
        google.url("/v1/projects/-/serviceAccounts/sa@p.iam:generateAccessToken");
  }
  return made;
}

/// STS and the credentials of service accounts in one; `subject` is the token that it knows.
Reply google_of(const Asked& asked, const std::string& subject) {
  if (asked.line.starts_with("POST /v1/token ")) {
    const std::string wanted =
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
        "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt"
        "&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform"
        "&audience=%2F%2Fiam.googleapis.com%2Fprojects%2F1%2Flocations%2Fglobal%2F"
        "workloadIdentityPools%2Fp%2Fproviders%2Fq"
        "&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
        "&subject_token=" +
        subject;
    if (asked.body != wanted || !asked.field("Authorization").empty()) {
      return answer({{"error", "invalid_grant"}, {"error_description", asked.body}}, 400);
    }
    return answer({{"access_token", "sts-token"},
                   {"issued_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                   {"token_type", "Bearer"},
                   {"expires_in", 3599}});
  }
  if (asked.line == "POST /v1/projects/-/serviceAccounts/sa@p.iam:generateAccessToken HTTP/1.1" &&
      asked.field("Authorization") == "Bearer sts-token" &&
      asked.field("Content-Type") == "application/json" &&
      json::parse(asked.body) ==
          json{{"lifetime", "3600s"}, {"scope", {"https://www.googleapis.com/auth/devstorage"}}}) {
    return answer({{"accessToken", kGoogle}, {"expireTime", iso_in(1800s)}});
  }
  return answer({{"error", {{"code", 403}, {"message", asked.line}}}}, 403);
}

}  // namespace

TEST_CASE("gcp-workload-identity: a file, exchanged") {
  const test::TemporaryDirectory directory;
  const Platform google([](const Asked& asked) { return google_of(asked, "a.b.c"); });
  const json source = {{"file", directory.write("subject", "a.b.c\n")}};
  const std::string file =
      directory.write("gac.json", external_account(google, source, false).dump());
  check_token(
      fetch({"--preset", "gcp-workload-identity"}, {{"GOOGLE_APPLICATION_CREDENTIALS", file}}),
      "sts-token", 3599s);
}

TEST_CASE("gcp-workload-identity: a URL, exchanged, and a service account impersonated") {
  const test::TemporaryDirectory directory;
  const Platform runner([](const Asked& asked) -> Reply {
    const bool good = asked.line == "GET /token?audience=x HTTP/1.1" &&
                      asked.field("Authorization") == "bearer runner-secret";
    return good ? answer({{"value", "d.e.f"}}) : Reply{401, "{}"};
  });
  const Platform google([](const Asked& asked) { return google_of(asked, "d.e.f"); });
  const json source = {{"url", runner.url("/token?audience=x")},
                       {"headers", {{"Authorization", "bearer runner-secret"}}},
                       {"format", {{"type", "json"}, {"subject_token_field_name", "value"}}}};
  const std::string file =
      directory.write("gac.json", external_account(google, source, true).dump());
  check_token(fetch({"--preset", "gcp-workload-identity", "--scope",
                     "https://www.googleapis.com/auth/devstorage"},
                    {{"GOOGLE_APPLICATION_CREDENTIALS", file}}),
              kGoogle, 1800s);
  CHECK(google.asked().size() == 2);
}

TEST_CASE("gcp-workload-identity: a program, which is told what its token is for") {
  const test::TemporaryDirectory directory;
  const Platform google([](const Asked& asked) { return google_of(asked, "g.h.i"); });
  const std::string program =
      directory.write("program",
                      R"(test "$GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE" = "$1" || exit 7
test "$GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE" = 0 || exit 8
echo '{"version": 1, "success": true, "token_type": "urn:ietf:params:oauth:token-type:jwt",'
echo '"id_token": "g.h.i", "expiration_time": )" +
                          epoch_in(900s) + "}'\n");
  const json source = {
      {"executable", {{"command", "sh " + program + " " + kPool}, {"timeout_millis", 20000}}}};
  const std::string file =
      directory.write("gac.json", external_account(google, source, false).dump());
  check_token(fetch({"--preset", "gcp-workload-identity"},
                    {{"GOOGLE_APPLICATION_CREDENTIALS", file},
                     {"GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1"}}),
              "sts-token", 3599s);
}

TEST_CASE("gcp-workload-identity: what goes wrong in the first request is told of that one") {
  const test::TemporaryDirectory directory;
  const Platform google([](const Asked& asked) { return google_of(asked, "a.b.c"); });
  const json source = {{"url", google.url("/nowhere")}};
  const std::string file =
      directory.write("gac.json", external_account(google, source, true).dump());
  const auto fetched =
      fetch({"--preset", "gcp-workload-identity"}, {{"GOOGLE_APPLICATION_CREDENTIALS", file}});
  REQUIRE_FALSE(fetched.has_value());
  CHECK(google.asked().size() == 1);
  CHECK(
      fetched.error().detail.starts_with("there is no subject token: the token endpoint answered"));
  CHECK(fetched.error().fix == "check external_account_file");
}

TEST_CASE("gcp-workload-identity: a machine on AWS, by a signed request") {
  const test::TemporaryDirectory directory;
  const Platform metadata([](const Asked& asked) -> Reply {
    if (asked.line == "PUT /latest/api/token HTTP/1.1") {
      const bool good = asked.field("X-aws-ec2-metadata-token-ttl-seconds") == "300";
      return {good ? 200 : 400, "AQAEsession==", "text/plain"};
    }
    if (asked.field("X-aws-ec2-metadata-token") != "AQAEsession==") return {401, ""};
    if (asked.line == "GET /latest/zone HTTP/1.1") return {200, "us-gov-west-1c", "text/plain"};
    if (asked.line == "GET /latest/roles HTTP/1.1") return {200, "job", "text/plain"};
    if (asked.line != "GET /latest/roles/job HTTP/1.1") return {404, ""};
    return answer({{"AccessKeyId", "ASIA9"}, {"SecretAccessKey", "k"}, {"Token", "t"}});
  });
  const Platform sts([](const Asked& asked) -> Reply {
    for (const char* part :
         {"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange",
          "subject_token_type=urn%3Aietf%3Aparams%3Aaws%3Atoken-type%3Aaws4_request",
          // It is encoded for itself, and as a member of the form.
          "subject_token=%257B%2522url%2522%253A%2522https%253A%252F%252Fsts.us-gov-west-1."
          "amazonaws.com",
          "ASIA9%252F"}) {
      if (asked.body.find(part) == std::string::npos) {
        return answer({{"error", "invalid_request"}, {"error_description", part}}, 400);
      }
    }
    return answer({{"access_token", kGoogle}, {"token_type", "Bearer"}, {"expires_in", 3599}});
  });
  const json file = {
      {"type", "external_account"},
      {"audience", "//iam.googleapis.com/projects/9/locations/global/workloadIdentityPools/p"},
      {"subject_token_type", "urn:ietf:params:aws:token-type:aws4_request"},
      {"token_url", sts.url("/v1/token")},
      {"credential_source",
       {{"environment_id", "aws1"},
        {"region_url", metadata.url("/latest/zone")},
        {"url", metadata.url("/latest/roles")},
        {"imdsv2_session_token_url", metadata.url("/latest/api/token")},
        {"regional_cred_verification_url",
         "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"}}}};
  const config::Environment environment = {
      {"GOOGLE_APPLICATION_CREDENTIALS", directory.write("gac.json", file.dump())}};
  check_token(fetch({"--preset", "gcp-workload-identity"}, environment), kGoogle, 3599s);
  CHECK(metadata.asked().size() == 4);
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
