#include "token/oauth/grant.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/finished.h"
#include "tests/support/owned_clock.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_keys.h"

using namespace bearer;
using token::Grant;

namespace {

/// The form, or what is wrong.
std::string form_of(const token::CredentialOptions& options) {
  token::RefreshTokenFile refresh_tokens(options.refresh_token_file);
  token::TokenForm form;
  const auto added =
      test::finished(token::add_grant(options, test::OwnedClock().wall(), refresh_tokens, form));
  return added ? std::string(form.encoded().reveal()) : added.error().sentence();
}

std::string assertion_of(const token::CredentialOptions& options) {
  token::RefreshTokenFile refresh_tokens(options.refresh_token_file);
  token::TokenForm form;
  REQUIRE(test::finished(token::add_grant(options, test::OwnedClock().wall(), refresh_tokens, form))
              .has_value());
  return std::string(form.value("assertion"));
}

std::string service_account(EVP_PKEY* key) {
  return nlohmann::json{{"type", "service_account"},
                        {"client_email", "job@example.iam"},
                        {"private_key_id", "k1"},
                        {"private_key", test::private_pem(key)},
                        {"token_uri", "https://oauth2.example.com/token"}}
      .dump();
}

}  // namespace

TEST_CASE("client_credentials alone is one field") {
  CHECK(form_of({}) == "grant_type=client_credentials");
}

TEST_CASE("the form holds scope, audience, resources and the person's parameters in that order") {
  token::CredentialOptions options;
  options.scope = "a b";
  options.audience = "https://api";
  options.resources = {"r1", "r2"};
  options.token_params = {{"z", "1"}, {"a", "ä"}};
  CHECK(form_of(options) ==
        "grant_type=client_credentials&scope=a+b&audience=https%3A%2F%2Fapi&resource=r1&resource=r2"
        "&z=1&a=%C3%A4");
}

TEST_CASE("each grant posts what its RFC says, from files read at each use") {
  const test::TemporaryDirectory directory;
  token::CredentialOptions options;
  options.scope = "s";
  options.username = "u";
  options.refresh_token_file = options.password_file = options.assertion_file =
      options.subject_token_file = directory.path("secret");
  struct Case {
    Grant grant;
    std::string before;
  };
  for (const Case& c : {
           Case{Grant::refresh_token, "grant_type=refresh_token&refresh_token="},
           Case{Grant::password, "grant_type=password&username=u&password="},
           Case{Grant::jwt_bearer,
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="},
           Case{Grant::token_exchange,
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
                "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt"
                "&subject_token="},
       }) {
    CAPTURE(c.before);
    options.grant = c.grant;
    for (const char* secret : {"one", "two"}) {
      directory.write("secret", std::string(secret) + "\n");
      CHECK(form_of(options) == c.before + secret + "&scope=s");
    }
  }
}

TEST_CASE("a grant whose file is missing names the setting") {
  const test::TemporaryDirectory directory;
  token::CredentialOptions options;
  options.refresh_token_file = options.password_file = options.assertion_file =
      options.subject_token_file = directory.path("missing");
  struct Case {
    Grant grant;
    const char* setting;
  };
  for (const Case& c :
       {Case{Grant::refresh_token, "refresh_token_file"}, Case{Grant::password, "password_file"},
        Case{Grant::jwt_bearer, "assertion_file"},
        Case{Grant::token_exchange, "subject_token_file"}}) {
    options.grant = c.grant;
    CHECK(form_of(options).ends_with(": check " + std::string(c.setting)));
  }
}

TEST_CASE("a service account's key file, as it is downloaded, signs for its own token_uri") {
  const test::TemporaryDirectory directory;
  const test::Key rsa = test::rsa_key();
  token::CredentialOptions options;
  options.grant = Grant::jwt_bearer;
  options.scope = "x y";
  options.service_account_file = directory.write("key.json", service_account(rsa.get()));
  const test::Jws jws(assertion_of(options));
  CHECK(jws.is_by(rsa.get()));
  CHECK(jws.header == nlohmann::json{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "k1"}});
  CHECK(jws.claims.at("iss") == "job@example.iam");
  CHECK(jws.claims.at("sub") == "job@example.iam");
  CHECK(jws.claims.at("aud") == "https://oauth2.example.com/token");
  CHECK(jws.claims.at("scope") == "x y");
  CHECK(form_of(options).find("&scope=") == std::string::npos);

  options.username = "someone@example.com";
  options.assertion_audience = "https://a";
  const test::Jws other(assertion_of(options));
  CHECK(other.claims.at("sub") == "someone@example.com");
  CHECK(other.claims.at("aud") == "https://a");
}

TEST_CASE("a service account's file that will not do says what it lacks, and shows no key") {
  const test::TemporaryDirectory directory;
  nlohmann::json damaged = nlohmann::json::parse(service_account(test::rsa_key().get()));
  damaged["private_key"] = "hush";
  struct Case {
    std::string content;
    const char* why;
  };
  for (const Case& c : {
           Case{"hush", "is not a service account's key file: it has no client_email"},
           Case{R"({"client_email":"a"})", "it has no private_key"},
           Case{R"({"type":"external_account"})", "is of the type external_account"},
           Case{damaged.dump(), "holds no private key in PEM"},
       }) {
    token::CredentialOptions options;
    options.grant = Grant::jwt_bearer;
    options.service_account_file = directory.write("key.json", c.content);
    const std::string said = form_of(options);
    CAPTURE(said);
    CHECK(said.find(c.why) != std::string::npos);
    CHECK(said.ends_with("check service_account_file"));
    CHECK(said.find("hush") == std::string::npos);
  }
}

TEST_CASE("without a ready assertion the client signs its own about the user") {
  const test::TemporaryDirectory directory;
  const test::Key ec = test::ec_key();
  token::CredentialOptions options;
  options.grant = Grant::jwt_bearer;
  options.client_id = "id";
  options.username = "user@example.com";
  options.key_id = "k";
  options.assertion_audience = "https://login";
  options.client_key_file = directory.write("key.pem", test::private_pem(ec.get()));
  const test::Jws jws(assertion_of(options));
  CHECK(jws.is_by(ec.get()));
  CHECK(jws.header.at("kid") == "k");
  CHECK(jws.claims.at("iss") == "id");
  CHECK(jws.claims.at("sub") == "user@example.com");
  CHECK(jws.claims.at("aud") == "https://login");

  directory.write("key.pem", "hush");
  CHECK(form_of(options) == "the secret's file " + options.client_key_file +
                                " holds no private key in PEM, nor a JWK: check client_key");
}

TEST_CASE("a grant that is not known is sent by its name, with what the files of others hold") {
  const test::TemporaryDirectory directory;
  token::CredentialOptions options;
  options.grant = Grant::other;
  CHECK(form_of(options) == "");
  options.grant_type = "account_credentials";
  options.token_params = {{"account_id", "a1"}};
  CHECK(form_of(options) == "grant_type=account_credentials&account_id=a1");
  options.username = "u";
  options.password_file = directory.write("p", "pw");
  options.assertion_file = directory.write("a", "PHNhbWw+");
  options.subject_token_file = directory.write("s", "st");
  options.subject_token_type = "t";
  CHECK(form_of(options) ==
        "grant_type=account_credentials&username=u&password=pw&assertion=PHNhbWw%2B"
        "&subject_token=st&subject_token_type=t&account_id=a1");
}

TEST_CASE("a service account with an audience asks for an ID token, and not in the form") {
  const test::TemporaryDirectory directory;
  token::CredentialOptions options;
  options.grant = Grant::jwt_bearer;
  options.service_account_file =
      directory.write("account.json", service_account(test::rsa_key().get()));
  options.audience = "https://svc-1.a.run.app";
  options.scope = "s";
  const test::Jws jws(assertion_of(options));
  CHECK(jws.claims.at("target_audience") == "https://svc-1.a.run.app");
  CHECK_FALSE(jws.claims.contains("scope"));
  CHECK(form_of(options).find("audience") == std::string::npos);
}

TEST_CASE("an assertion that we sign may have no subject, and claims of its own") {
  const test::TemporaryDirectory directory;
  token::CredentialOptions options;
  options.grant = Grant::jwt_bearer;
  options.client_id = "client-7";
  options.client_key_file = directory.write("k", test::private_pem(test::ec_key().get()));
  options.assertion_audience = "https://maskin.example/";
  options.assertion_claims = {{"scope", "a:read"}, {"resource", "https://api"}};
  const test::Jws jws(assertion_of(options));
  CHECK_FALSE(jws.claims.contains("sub"));
  CHECK(jws.claims.at("iss") == "client-7");
  CHECK(jws.claims.at("scope") == "a:read");
  CHECK(jws.claims.at("resource") == "https://api");
}
