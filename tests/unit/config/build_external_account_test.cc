#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "config/build.h"
#include "tests/unit/config/configuring.h"

using namespace bearer;
using namespace bearer::config;
using nlohmann::json;

namespace {

constexpr const char* kPool =
    "//iam.googleapis.com/projects/7/locations/global/workloadIdentityPools/p/providers/aks";

/// As Google makes it, but for `source`.
json account(const json& source) {
  return {{"type", "external_account"},
          {"audience", kPool},
          {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
          {"token_url", "https://sts.googleapis.com/v1/token"},
          {"credential_source", source}};
}

Configuring with_account(const json& document, const std::vector<std::string>& more = {},
                         const Environment& environment = {}) {
  Configuring made{.arguments = {"--preset", "gcp-workload-identity", "--upstream",
                                 "https://storage.googleapis.com"},
                   .environment = environment,
                   .files = {{"gac.json", document.dump()}, {"/var/run/token", "a.b.c"}}};
  made.environment["GOOGLE_APPLICATION_CREDENTIALS"] = "gac.json";
  made.arguments.insert(made.arguments.end(), more.begin(), more.end());
  return made;
}

token::CredentialOptions credential(const Configuring& configuring) {
  REQUIRE(configuring.errors() == "");
  return configuring.settings().credentials.at(0);
}

bool says(const Configuring& configuring, const std::string& words) {
  const std::string errors = configuring.errors();
  CAPTURE(errors);
  return errors.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("a platform's token in a file is exchanged at Google's STS") {
  const token::CredentialOptions made =
      credential(with_account(account({{"file", "/var/run/token"}})));
  CHECK(made.token_url.text() == "https://sts.googleapis.com/v1/token");
  CHECK(made.grant == token::Grant::token_exchange);
  CHECK(made.audience == kPool);
  CHECK(made.auth_method == token::ClientAuth::none);
  CHECK(made.scope == "https://www.googleapis.com/auth/cloud-platform");
  CHECK(made.token_params ==
        std::vector<std::pair<std::string, std::string>>{
            {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"}});
  REQUIRE(made.before.size() == 1);
  CHECK(made.before_is_subject);
  CHECK(made.before.at(0).token_file == "/var/run/token");
  CHECK(made.before.at(0).ways.members.token == ".");
}

TEST_CASE("a service account is impersonated by a second request, with the scope that is wanted") {
  json document = account({{"file", "/var/run/token"},
                           {"format", {{"type", "json"}, {"subject_token_field_name", "tok"}}}});
  document["service_account_impersonation_url"] =
      "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b.iam:"
      "generateAccessToken";
  document["service_account_impersonation"] = {{"token_lifetime_seconds", 1200}};
  const token::CredentialOptions made = credential(with_account(document, {"--scope", "s1 s2"}));
  CHECK(made.token_url.host == "iamcredentials.googleapis.com");
  CHECK(made.ways.body == token::TokenBody::json);
  CHECK(made.ways.members == token::AnswerMembers{"accessToken", "expireTime"});
  CHECK(made.token_params == std::vector<std::pair<std::string, std::string>>{
                                 {"scope", R"(["s1","s2"])"}, {"lifetime", "1200s"}});
  CHECK_FALSE(made.before_is_subject);
  REQUIRE(made.before.size() == 1);
  const token::CredentialOptions& sts = made.before.at(0);
  CHECK(sts.scope == "https://www.googleapis.com/auth/cloud-platform");
  CHECK(sts.before_is_subject);
  CHECK(sts.before.at(0).ways.members.token == "tok");
}

TEST_CASE("a token may come from a URL, with the fields that it wants") {
  const auto from = [](const char* url) {
    return account({{"url", url},
                    {"headers", {{"Authorization", "bearer gh"}}},
                    {"format", {{"type", "json"}, {"subject_token_field_name", "value"}}}});
  };
  const token::CredentialOptions made =
      credential(with_account(from("https://runner.example.com/token?a=1")));
  const token::CredentialOptions& subject = made.before.at(0);
  CHECK(subject.token_url.text() == "https://runner.example.com/token?a=1");
  CHECK(subject.ways.method == token::TokenMethod::get);
  CHECK(subject.ways.fields.at(0).first == "Authorization");
  CHECK(subject.ways.fields.at(0).second == base::Secret("bearer gh"));
  CHECK(subject.ways.members.token == "value");

  CHECK(with_account(from("http://169.254.169.254/metadata/identity")).errors() == "");
  CHECK(says(with_account(from("http://runner.example.com/token")),
             "its credential_source.url is plain http to another machine"));
}

TEST_CASE("a program is run only where the environment allows it") {
  json document = account({{"executable",
                            {{"command", "/bin/get-token --for 'a b'"},
                             {"timeout_millis", 5000},
                             {"output_file", "/tmp/o"}}}});
  CHECK(says(with_account(document), "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1"));
  const Environment no = {{"GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "true"}};
  CHECK(says(with_account(document, {}, no), "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1"));

  document["service_account_impersonation_url"] =
      "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
      "sa@p.iam.gserviceaccount.com:generateAccessToken";
  const Environment yes = {{"GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1"}};
  const token::CredentialOptions made = credential(with_account(document, {}, yes));
  const token::CredentialOptions& subject = made.before.at(0).before.at(0);
  CHECK(subject.token_command == std::vector<std::string>{"/bin/get-token", "--for", "a b"});
  CHECK(subject.command_timeout == std::chrono::seconds(5));
  CHECK(subject.ways.members == token::AnswerMembers{"id_token", "expiration_time"});
  CHECK(subject.command_environment ==
        std::vector<std::string>{
            std::string("GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE=") + kPool,
            "GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE=urn:ietf:params:oauth:token-type:jwt",
            "GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE=0", "GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE=/tmp/o",
            "GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL=sa@p.iam.gserviceaccount.com"});
}

TEST_CASE("a file that would send the platform's token to a stranger is refused") {
  for (const char* url :
       {"https://sts.googleapis.com.evil.example/v1/token", "https://evilgoogleapis.com/t",
        "http://sts.googleapis.com/v1/token", "https://sts.example.com/v1/token"}) {
    CAPTURE(url);
    json document = account({{"file", "/var/run/token"}});
    document["token_url"] = url;
    CHECK(
        says(with_account(document), "is sent to nobody else; where that is meant, set token_url"));
    document["token_url"] = "https://sts.googleapis.com/v1/token";
    document["service_account_impersonation_url"] = url;
    CHECK(says(with_account(document), "its service_account_impersonation_url is"));
  }
  // A person who names the endpoint means it.
  json document = account({{"file", "/var/run/token"}});
  document["token_url"] = "https://sts.example.com/v1/token";
  CHECK(credential(with_account(document, {"--token-url", "https://sts.example.org/t"}))
            .token_url.host == "sts.example.org");
}

TEST_CASE("a file that is of no use says why") {
  const auto wrong = [](const json& document, const std::string& words) {
    return says(with_account(document), words);
  };
  CHECK(wrong({{"type", "service_account"}},
              "it is of the type service_account, not external_account; give a service account's "
              "key with service_account_file, or use the preset google"));
  CHECK(wrong({{"type", "authorized_user"}}, "it is of the type authorized_user"));
  CHECK(wrong(json::array(), "not a JSON object"));
  CHECK(wrong({{"a", 1}}, "it has no type"));
  CHECK(wrong({{"type", "external_account"}}, "it has no token_url"));
  CHECK(wrong({{"type", "external_account"}}, "it has no credential_source"));
  CHECK(wrong(account(json::object()), "neither a file, nor a url, nor an executable"));
  CHECK(wrong(account({{"file", "/gone"}}), "its credential_source.file /gone cannot be read"));
  CHECK(wrong(account({{"file", "/var/run/token"}, {"format", {{"type", "xml"}}}}),
              "neither text nor json"));
  CHECK(wrong(account({{"file", "/var/run/token"}, {"format", {{"type", "json"}}}}),
              "no subject_token_field_name"));
  Configuring gone = with_account(account({{"file", "/var/run/token"}}));
  gone.files.erase("gac.json");
  CHECK(gone.blames("external_account_file = "));
}

namespace {

/// As Google makes it for a machine on AWS, but for `more`.
json aws(const json& more = json::object()) {
  json source = {
      {"environment_id", "aws1"},
      {"region_url", "http://169.254.169.254/latest/meta-data/placement/availability-zone"},
      {"url", "http://169.254.169.254/latest/meta-data/iam/security-credentials"},
      {"imdsv2_session_token_url", "http://169.254.169.254/latest/api/token"},
      {"regional_cred_verification_url",
       "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"}};
  source.update(more);
  return account(source);
}

}  // namespace

TEST_CASE(
    "a machine on AWS asks its own metadata server who it is, unless the environment says so") {
  const token::CredentialOptions made = credential(with_account(aws()));
  REQUIRE(made.before.size() == 1);
  CHECK(made.before_is_subject);
  REQUIRE(made.before[0].aws.has_value());
  const token::AwsSource& source = *made.before[0].aws;
  CHECK(source.audience == kPool);
  CHECK(source.region == "");
  CHECK(source.keys.id == "");
  CHECK(source.session_url->text() == "http://169.254.169.254/latest/api/token");
  CHECK(source.verification_url_in("eu-west-3") ==
        "https://sts.eu-west-3.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15");

  const Environment said = {{"AWS_DEFAULT_REGION", "eu-west-3"},
                            {"AWS_ACCESS_KEY_ID", "AKIA1"},
                            {"AWS_SECRET_ACCESS_KEY", "s3cret"},
                            {"AWS_SESSION_TOKEN", "session"}};
  const json alone = aws({{"region_url", nullptr}, {"url", nullptr}});
  const token::AwsSource by_environment =
      *credential(with_account(alone, {}, said)).before.at(0).aws;
  CHECK(by_environment.region == "eu-west-3");
  CHECK(by_environment.keys ==
        token::AwsKeys{"AKIA1", base::Secret("s3cret"), base::Secret("session")});
  CHECK(says(with_account(alone),
             "it has no credential_source.region_url, and the environment has no AWS_REGION"));
  CHECK(says(with_account(alone),
             "it has no credential_source.url, and the environment has no AWS_ACCESS_KEY_ID"));
}

TEST_CASE("a file for AWS that leads anywhere else is refused") {
  const auto wrong = [](const json& more, const std::string& words) {
    return says(with_account(aws(more)), words);
  };
  CHECK(wrong({{"environment_id", "aws2"}}, "environment_id is aws2; aws1 alone is known"));
  for (const char* member : {"region_url", "url", "imdsv2_session_token_url"}) {
    CHECK(wrong({{member, "http://metadata.example.com/x"}},
                "its credential_source." + std::string(member) +
                    " is not of this machine's metadata server"));
  }
  for (const char* url : {"https://sts.{region}.example.com?Action=GetCallerIdentity",
                          "http://sts.{region}.amazonaws.com?Action=GetCallerIdentity",
                          "https://iam.amazonaws.com?Action=CreateUser",
                          "https://sts.{region}.amazonaws.com?Action=AssumeRole"}) {
    CAPTURE(url);
    CHECK(wrong({{"regional_cred_verification_url", url}}, "is not AWS's, such as"));
  }
  CHECK(wrong({{"regional_cred_verification_url", nullptr}}, "is no URL"));
}

TEST_CASE("without a file its variable is named, and nothing that it would have said") {
  const Configuring none{.arguments = {"--preset", "gcp-workload-identity", "--upstream",
                                       "https://storage.googleapis.com"}};
  CHECK(none.blames("external_account_file is not set"));
}

TEST_CASE("what the file says itself is not given a second time") {
  const json document = account({{"file", "/var/run/token"}});
  CHECK(
      says(with_account(document, {"--audience", "x"}), "external_account_file says this itself"));
  CHECK(says(with_account(document, {"--grant", "password"}), "is for token_exchange"));
}
