#include "token/aws/identity_fetcher.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/finished.h"
#include "tests/support/owned_clock.h"
#include "tests/support/scripted_endpoint.h"

using namespace bearer;
using namespace std::chrono_literals;
using nlohmann::json;
using Verb = token::TokenRequest::Verb;

namespace {

const std::string kMetadata = "http://169.254.169.254/latest";
const std::string kRoles = "/meta-data/iam/security-credentials";

token::AwsSource source() {
  token::AwsSource made;
  made.region_url = *http::parse_url(kMetadata + "/meta-data/placement/availability-zone");
  made.keys_url = *http::parse_url(kMetadata + kRoles);
  made.session_url = *http::parse_url(kMetadata + "/api/token");
  made.verification_url =
      "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15";
  made.audience = "//iam.googleapis.com/projects/9/p";
  return made;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  return out;
}

token::EndpointOptions at(const http::Url& url) {
  token::EndpointOptions options;
  options.url = url;
  return options;
}

struct Fixture {
  base::Result<token::Fetched> fetch(const token::AwsSource& from) {
    token::AwsIdentityFetcher fetcher(
        from, [&](const http::Url& url) { return script.make(at(url)); }, time);
    return test::finished(fetcher.fetch());
  }
  std::string failure(const std::vector<std::pair<int, std::string>>& answers) {
    for (const auto& [status, body] : answers) script.give(status, body);
    const auto fetched = fetch(source());
    return fetched ? "none" : fetched.error().detail;
  }

  test::OwnedClock time;
  test::EndpointScript script{time};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a machine's role signs who it is, in a session with its server") {
  script.give(200, "session-1");
  script.give(200, "ap-southeast-2b");
  script.give(200, "batch-role");
  script.give(200, json{{"Code", "Success"},
                        {"AccessKeyId", "ASIAROLE"},
                        {"SecretAccessKey", "s3cret"},
                        {"Token", "se/ss+ion=="}}
                       .dump());
  const auto fetched = fetch(source());
  REQUIRE(fetched.has_value());
  std::vector<std::string> asked;
  for (const auto& one : script.asked) {
    asked.push_back((one.verb == Verb::put ? "PUT " : "GET ") + one.url);
  }
  CHECK(asked == std::vector<std::string>{
                     "PUT " + kMetadata + "/api/token",
                     "GET " + kMetadata + "/meta-data/placement/availability-zone",
                     "GET " + kMetadata + kRoles, "GET " + kMetadata + kRoles + "/batch-role"});
  const std::string_view text = fetched->value.reveal();
  CHECK(text.find_first_of(" +/{\"") == std::string_view::npos);
  const json subject = json::parse(decoded(text));
  CHECK(subject.at("method") == "POST");
  CHECK(subject.at("url") ==
        "https://sts.ap-southeast-2.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15");
  json fields;
  for (const json& field : subject.at("headers")) fields[field.at("key")] = field.at("value");
  CHECK(fields.size() == 5);
  CHECK(fields.at("x-goog-cloud-target-resource") == "//iam.googleapis.com/projects/9/p");
  CHECK(fields.at("host") == "sts.ap-southeast-2.amazonaws.com");
  CHECK(fields.at("x-amz-security-token") == "se/ss+ion==");
  const std::string signature = fields.at("authorization");
  CHECK(signature.find("/ap-southeast-2/sts/aws4_request, SignedHeaders=host;x-amz-date;"
                       "x-amz-security-token;x-goog-cloud-target-resource, Signature=") !=
        std::string::npos);
  CHECK(decoded(text).find("s3cret") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "what the environment says is asked of nobody") {
  token::AwsSource from = source();
  from.region = "eu-north-1";
  from.keys = {"AKIAENV", base::Secret("s3cret"), {}};
  const auto fetched = fetch(from);
  REQUIRE(fetched.has_value());
  CHECK(script.asked.empty());
  CHECK(decoded(fetched->value.reveal()).find("Credential=AKIAENV/") != std::string::npos);
  CHECK(decoded(fetched->value.reveal()).find("x-amz-security-token") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture,
                  "a metadata server that says something else is told of, without its words") {
  using Answers = std::vector<std::pair<int, std::string>>;
  struct Case {
    Answers answers;
    const char* failure;
  };
  const std::string none = "the metadata server of AWS ";
  for (const Case& c :
       {Case{{{403, "hush"}}, "answered 403 when asked for a session"},
        Case{{{200, "two words"}}, "gave no session"},
        Case{{{200, "s"}, {404, "hush"}}, "answered 404 when asked for its region"},
        Case{{{200, "s"}, {200, "<html>"}}, "gave no availability zone when asked for its region"},
        Case{{{200, "s"}, {200, ""}}, "gave no availability zone when asked for its region"},
        Case{{{200, "s"}, {200, "eu-west-1a"}, {404, ""}}, "answered 404 when asked for its role"},
        Case{{{200, "s"}, {200, "eu-west-1a"}, {200, "../x"}}, "gave no role's name"},
        Case{{{200, "s"}, {200, "eu-west-1a"}, {200, "r"}, {200, "hush"}},
             "gave no JSON object when asked for its role's keys"},
        Case{{{200, "s"}, {200, "eu-west-1a"}, {200, "r"}, {200, R"({"SecretAccessKey":"hush"})"}},
             "gave no keys (its members: SecretAccessKey)"}}) {
    CHECK(failure(c.answers) == none + c.failure);
  }
  script.give(500, "");
  CHECK(fetch(source()).error().code == base::Errc::token_server_error);
}
