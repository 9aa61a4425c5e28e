#include "token/oauth/oauth_fetcher.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/encoding.h"
#include "tests/support/owned_clock.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/token/oauth/oauth_fetching.h"
#include "token/expiry.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::oauth_fetching;

TEST_CASE("a fetch posts grant and client authentication and dates the token") {
  Fixture f;
  f.options.scope = "a";
  const auto fetched =
      f.fetcher(R"({"access_token":"tok","expires_in":"60","scope":"a"})")->fetch();
  REQUIRE(fetched.has_value());
  CHECK(fetched->value.reveal() == "tok");
  CHECK(fetched->lifetime() == 60s);
  CHECK(fetched->sent == f.time.now());
  CHECK(fetched->scope == "a");
}

TEST_CASE("the secret's file is read at each fetch") {
  Fixture f;
  const auto fetcher = f.fetcher(R"({"access_token":"tok"})");
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.endpoint->asked.form.reveal() ==
        "grant_type=client_credentials&client_id=id&client_secret=s3cret");
  const auto before = fetcher->fingerprint();
  f.directory.write("secret", "rotated");
  CHECK(fetcher->fingerprint() != before);
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.endpoint->asked.form.reveal() ==
        "grant_type=client_credentials&client_id=id&client_secret=rotated");
}

TEST_CASE("a JWT's own exp shortens its life") {
  Fixture f;
  const auto exp = std::chrono::floor<std::chrono::seconds>(f.time.wall()) + 31s;
  const std::string jwt =
      "e30." +
      base::base64url_encode("{\"exp\":" + std::to_string(exp.time_since_epoch().count()) + "}") +
      ".c2ln";
  const auto fetched = f.fetcher(R"({"access_token":")" + jwt + R"(","expires_in":3600})")->fetch();
  REQUIRE(fetched.has_value());
  CHECK(fetched->lifetime() == 30s);
}

TEST_CASE("an end in the past is no end of a token that was given now, and that is remarked") {
  for (const char* answer :
       {R"({"access_token":"e30.eyJleHAiOjV9.c2ln"})", R"({"access_token":"t","expires_in":-1})",
        R"({"access_token":"t","expires_at":"2025-12-31 19:00:00"})",
        R"({"access_token":"t","expires_on":"1700000000"})"}) {
    CAPTURE(answer);
    Fixture f;
    const auto fetched = f.fetcher(answer)->fetch();
    REQUIRE(fetched.has_value());
    CHECK(fetched->lifetime() == token::kLifetimeUnknown);
    CHECK(fetched->remark.find("wrong clock or time zone") != std::string::npos);
  }
  Fixture f;
  const auto said =
      f.fetcher(R"({"access_token":"e30.eyJleHAiOjV9.c2ln","expires_in":1700})")->fetch();
  REQUIRE(said.has_value());
  CHECK(said->lifetime() == 1700s);
}

TEST_CASE("a token that is given again with a lifetime of 0 ends when it was to end") {
  Fixture f;
  struct Countdown final : token::Endpoint {
    explicit Countdown(const base::Clock& ours) : clock(ours) {}
    net::Task<base::Result<token::Answer>> send(const token::TokenRequest&) override {
      co_return token::Answer{
          .status = 200,
          .body = base::Secret(R"({"access_token":"tok","expires_in":)" + left + "}"),
          .sent = clock.now(),
          .wall = clock.wall()};
    }
    const base::Clock& clock;
    std::string left = "0";
  };
  auto scripted = std::make_unique<Countdown>(f.time);
  Countdown& endpoint = *scripted;
  const auto fetcher = f.make(std::move(scripted));
  CHECK(test::finished(fetcher->fetch())->lifetime() ==
        token::kLifetimeUnknown);  // a token without an end
  endpoint.left = "6";
  CHECK(test::finished(fetcher->fetch())->lifetime() == 6s);
  f.time.advance(4s);
  endpoint.left = "0";
  const auto again = test::finished(fetcher->fetch());
  REQUIRE(again.has_value());
  CHECK(again->expires - f.time.now() == 2s);
  f.time.advance(3s);
  CHECK_FALSE(test::finished(fetcher->fetch()).has_value());
}

TEST_CASE("a token that is given again with an end that is past ends when it was to end") {
  Fixture f;
  struct Repeats final : token::Endpoint {
    explicit Repeats(const base::Clock& ours) : clock(ours) {}
    net::Task<base::Result<token::Answer>> send(const token::TokenRequest&) override {
      co_return token::Answer{.status = 200,
                              .body = base::Secret(R"({"access_token":"same",)" + end + "}"),
                              .sent = clock.now(),
                              .wall = clock.wall()};
    }
    const base::Clock& clock;
    std::string end = R"("expires_in":40)";
  };
  auto scripted = std::make_unique<Repeats>(f.time);
  Repeats& endpoint = *scripted;
  const auto alone = f.make(std::move(scripted));
  token::OauthFetcher& fetcher = *alone;
  CHECK(test::finished(fetcher.fetch())->lifetime() == 40s);
  f.time.advance(30s);
  endpoint.end = R"("expires_in":-3)";
  const auto again = test::finished(fetcher.fetch());
  REQUIRE(again.has_value());
  CHECK(again->expires - f.time.now() == 10s);
  f.time.advance(11s);
  endpoint.end = R"("expires_at":1767225600)";  // when the clock began
  CHECK_FALSE(test::finished(fetcher.fetch()).has_value());
}

TEST_CASE("a login that is refused points at what it was made of, not at the platform") {
  Fixture f;
  f.options.grant = token::Grant::other;
  f.options.auth_method = token::ClientAuth::none;
  f.options.client_id.clear();
  f.options.client_secret_file.clear();
  const std::string refusal = R"({"message":"who are you?"})";
  CHECK(f.fetcher(refusal, 401)->fetch().error().fix.find("platform") != std::string::npos);
  CHECK(f.fetcher(refusal, 404)->fetch().error().code == base::Errc::token_server_error);
  const char* setting = "";
  SUBCASE("a password") {
    f.options.username = "ann";
    f.options.password_file = f.directory.write("password", "hush");
    setting = "username and password_file";
  }
  SUBCASE("an assertion") {
    f.options.assertion_file = f.directory.write("assertion", "a.b.c");
    setting = "assertion_file";
  }
  SUBCASE("parameters") {
    f.options.token_params = {{"role_id", "r"}, {"secret_id", "hush"}};
    setting = "token_param";
  }
  const auto refused = f.fetcher(refusal, 401)->fetch();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().fix.find(setting) != std::string::npos);
  CHECK(refused.error().fix.find("platform") == std::string::npos);
  CHECK(f.fetcher(refusal, 404)->fetch().error().code == base::Errc::token_malformed);
}

TEST_CASE("the parameters of a platform's metadata server are no login") {
  Fixture f;
  f.options.grant = token::Grant::other;
  f.options.auth_method = token::ClientAuth::none;
  f.options.ways.method = token::TokenMethod::get;
  f.options.token_params = {{"audience", "https://api.example.com"}};
  const auto refused = f.fetcher(R"({"error":"not_found"})", 404)->fetch();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == base::Errc::token_server_error);
  CHECK(refused.error().fix.find("platform") != std::string::npos);
}

TEST_CASE("in a JSON request secrets are texts, whatever they look like") {
  Fixture f;
  f.options.ways.body = token::TokenBody::json;
  f.options.client_secret_file = f.directory.write("secret", R"({"k":[1]})");
  f.options.token_params = {{"claims", R"({"id":{}})"}};
  const auto fetcher = f.fetcher(R"({"access_token":"t"})");
  REQUIRE(fetcher->fetch().has_value());
  CHECK(f.endpoint->asked.form.reveal() ==
        R"({"claims":{"id":{}},"client_id":"id","client_secret":"{\"k\":[1]}",)"
        R"("grant_type":"client_credentials"})");
}

TEST_CASE("a refused assertion points at the clock where the server's differs") {
  Fixture f;
  f.options.auth_method = token::ClientAuth::client_secret_jwt;
  struct Skewed final : token::Endpoint {
    explicit Skewed(const base::Clock& ours) : clock(ours) {}
    net::Task<base::Result<token::Answer>> send(const token::TokenRequest&) override {
      co_return token::Answer{
          .status = 401,
          .body = base::Secret(R"({"error":"invalid_client"})"),
          .date = std::chrono::floor<std::chrono::seconds>(clock.wall()) + ahead,
          .sent = clock.now(),
          .wall = clock.wall()};
    }
    const base::Clock& clock;
    std::chrono::seconds ahead{120};
  };
  auto scripted = std::make_unique<Skewed>(f.time);
  Skewed& endpoint = *scripted;
  const auto fetcher = f.make(std::move(scripted));
  CHECK(test::finished(fetcher->fetch()).error().fix.find("clock: the server's is 2 m ahead") !=
        std::string::npos);
  endpoint.ahead = -90s;
  CHECK(test::finished(fetcher->fetch()).error().fix.find("behind") != std::string::npos);
  endpoint.ahead = std::chrono::years(7900);
  CHECK(test::finished(fetcher->fetch()).error().fix.find("ahead") != std::string::npos);
  endpoint.ahead = 5s;
  CHECK(test::finished(fetcher->fetch()).error().fix.find("clock") == std::string::npos);
}

TEST_CASE("a refused Basic credential points at basic_encoding where the two encodings differ") {
  Fixture f;
  f.options.auth_method = token::ClientAuth::client_secret_basic;
  const std::string refusal = R"({"error":"invalid_client"})";
  CHECK(f.fetcher(refusal, 401)->fetch().error().fix.find("basic_encoding") == std::string::npos);
  f.directory.write("secret", "s3c+ret");
  CHECK(f.fetcher(refusal, 401)->fetch().error().fix.find("basic_encoding") != std::string::npos);
  f.options.basic_encoding = token::BasicEncoding::raw;
  CHECK(f.fetcher(refusal, 401)->fetch().error().fix.find("basic_encoding") == std::string::npos);
}

TEST_CASE("an endpoint that quotes the secret does not get it into an error") {
  Fixture f;
  const auto fetched =
      f.fetcher(R"({"error":"invalid_client","error_description":"no s3cret, s3cret here"})", 401)
          ->fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().detail ==
        "the token endpoint answered 401 invalid_client (no ***, *** here)");
}

TEST_CASE("no part of a secret is left where a text of the endpoint is cut within it") {
  Fixture f;
  f.directory.write("secret", "QZJXWVKY");
  f.options.attributes = {"u"};
  struct Case {
    const char *before, *after;
    std::size_t cut;  // of the text, in characters
    int status;
  };
  for (const Case& c : {
           Case{R"({"error":"invalid_client","error_description":")", R"("})", 200, 401},
           Case{R"({"error":")", R"("})", 60, 401},
           Case{R"({"error":{"message":")", R"("}})", 200, 400},
           Case{R"({"message":")", R"("})", 200, 200},
           Case{R"({"access_token":"tok","token_type":"mac)", R"("})", 40, 200},
           Case{R"({"access_token":"tok","scope":")", R"("})", 1000, 200},
           Case{R"({"access_token":"tok","u":")", R"("})", 500, 200},
           Case{R"({"ids":1,")", R"(":1})", 200, 200},
       }) {
    for (std::size_t left = 0; left < 20; ++left) {
      CAPTURE(c.before);
      CAPTURE(left);
      const std::string said = std::string(c.cut - left, '.') + "QZJXWVKY is wrong";
      const auto fetched = f.fetcher(c.before + said + c.after, c.status)->fetch();
      std::string shown = fetched ? fetched->scope : fetched.error().detail;
      if (fetched && fetched->attributes.contains("u")) shown += fetched->attributes.at("u");
      CAPTURE(shown);
      CHECK(shown.find_first_of("QZJXWVKY") == std::string::npos);
    }
  }
}

TEST_CASE("a parameter that is a word of the answer's does not keep it from being read") {
  Fixture f;
  f.options.token_params = {{"response_type", "token"}, {"kind", "scope"}};
  f.options.attributes = {"u"};
  const auto fetched =
      f.fetcher(R"({"access_token":"tok","scope":"orders","u":"https://a.example.com"})")->fetch();
  REQUIRE(fetched.has_value());
  CHECK(fetched->scope == "orders");
  CHECK(fetched->attributes.at("u") == "https://a.example.com");
}

TEST_CASE("an endpoint that quotes the Basic credential does not get it into an error") {
  for (const char* scheme : {"", "Basic "}) {
    CAPTURE(scheme);
    Fixture f;
    f.options.auth_method = token::ClientAuth::client_secret_basic;
    const std::string said = scheme + base::base64_encode("id:s3cret");
    const auto fetcher =
        f.fetcher(R"({"error":"invalid_client","error_description":"got )" + said + "\"}", 401);
    const auto fetched = fetcher->fetch();
    CHECK(f.endpoint->asked.authorization.reveal().ends_with(base::base64_encode("id:s3cret")));
    REQUIRE_FALSE(fetched.has_value());
    CHECK(fetched.error().detail ==
          "the token endpoint answered 401 invalid_client (got " + std::string(scheme) + "***)");
  }
}

TEST_CASE("members of the answer that are asked for come with the token") {
  Fixture f;
  const std::string said = R"({"access_token":"tok","instance_url":"https://na1.salesforce.com"})";
  CHECK(f.fetcher(said)->fetch()->attributes.empty());
  f.options.attributes = {"instance_url", "absent"};
  CHECK(f.fetcher(said)->fetch()->attributes ==
        token::Attributes{{"instance_url", "https://na1.salesforce.com"}});
}

TEST_CASE("an attribute in which the endpoint quotes secret or token comes without them") {
  Fixture f;
  f.options.attributes = {"u"};
  const auto fetched = f.fetcher(R"({"access_token":"t0ken","u":"https://s3cret.t0ken"})")->fetch();
  REQUIRE(fetched.has_value());
  CHECK(fetched->attributes.at("u") == "https://***.***");
}

TEST_CASE("without a readable secret nothing is posted") {
  Fixture f;
  f.options.client_secret_file = f.directory.path("missing");
  const auto fetcher = f.fetcher("{}");
  const auto fetched = fetcher->fetch();
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().code == base::Errc::file_unreadable);
  CHECK(f.endpoint->asked.form.empty());
}

TEST_CASE("a changed file of any kind changes the fingerprint") {
  Fixture f;
  struct Case {
    const char* name;
    std::string token::CredentialOptions::*file;
  };
  for (const Case& c : {Case{"secret", &token::CredentialOptions::client_secret_file},
                        Case{"key", &token::CredentialOptions::client_key_file},
                        Case{"cert", &token::CredentialOptions::client_cert_file},
                        Case{"refresh", &token::CredentialOptions::refresh_token_file},
                        Case{"password", &token::CredentialOptions::password_file},
                        Case{"assertion", &token::CredentialOptions::assertion_file},
                        Case{"account", &token::CredentialOptions::service_account_file},
                        Case{"subject", &token::CredentialOptions::subject_token_file}}) {
    CAPTURE(c.name);
    f.options.*c.file = f.directory.write(c.name, "one");
    const auto fetcher = f.fetcher("{}");
    const auto before = fetcher->fingerprint();
    f.directory.write(c.name, "two");
    CHECK(fetcher->fingerprint() != before);
  }
}
