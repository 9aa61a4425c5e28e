// gcp-workload-identity, against doubles that take what its documentation says and nothing else.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/integration/token/workload_platform.h"
#include "tests/support/raw_server.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::workload;
using nlohmann::json;

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
      {"executable", {{"command", "sh " + program + " " + kPool}, {"timeout_millis", 120000}}}};
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
