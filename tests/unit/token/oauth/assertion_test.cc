#include "token/oauth/assertion.h"

#include <doctest/doctest.h>

#include "tests/support/owned_clock.h"
#include "tests/support/test_keys.h"

using namespace bearer;

namespace {

token::SigningKey key_of(EVP_PKEY* key) {
  return token::SigningKey::make(base::Secret(test::private_pem(key)), token::JwsAlgorithm::by_key)
      .value();
}

}  // namespace

TEST_CASE("an assertion says who, to whom, and for a minute only") {
  const test::Key ec = test::ec_key();
  const test::OwnedClock time;
  const auto compact = token::sign_assertion({.issuer = "i", .subject = "s", .audience = "a"},
                                             key_of(ec.get()), time.wall());
  REQUIRE(compact.has_value());
  const test::Jws jws(compact->reveal());
  CHECK(jws.header == nlohmann::json{{"alg", "ES256"}, {"typ", "JWT"}});
  CHECK(jws.claims.at("iss") == "i");
  CHECK(jws.claims.at("sub") == "s");
  CHECK(jws.claims.at("aud") == "a");
  CHECK(jws.claims.at("iat") == 1'767'225'600);
  CHECK(jws.claims.at("exp") == 1'767'225'660);
  CHECK_FALSE(jws.claims.contains("scope"));
  CHECK(jws.is_by(ec.get()));
}

TEST_CASE("no two assertions have the same jti") {
  const test::Key ec = test::ec_key();
  const auto jti = [key = key_of(ec.get())] {
    return test::Jws(token::sign_assertion({}, key, base::WallTime())->reveal())
        .claims.at("jti")
        .get<std::string>();
  };
  const std::string first = jti();
  CHECK(first.size() == 32);
  CHECK(jti() != first);
}

TEST_CASE("kid, scope and the certificate's thumbprints are there where they are known") {
  const test::Key ec = test::ec_key();
  const test::Jws jws(token::sign_assertion({.issuer = "i",
                                             .subject = "s",
                                             .audience = "a",
                                             .scope = "x y",
                                             .key_id = "k",
                                             .certificate = "abc"},
                                            key_of(ec.get()), base::WallTime())
                          ->reveal());
  CHECK(jws.header.at("kid") == "k");
  CHECK(jws.header.at("x5t") == "qZk-NkcGgWq6PiVxeFDCbJzQ2J0");  // SHA-1 of "abc"
  CHECK(jws.header.at("x5t#S256") == "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  CHECK(jws.claims.at("scope") == "x y");
}

TEST_CASE("an assertion is for the audience that is set, else the issuer, else the endpoint") {
  token::CredentialOptions options;
  options.token_url = http::parse_url("https://login.example.com/token").value();
  CHECK(token::assertion_audience(options) == "https://login.example.com/token");
  options.issuer = http::parse_url("https://issuer.example.com/").value();
  CHECK(token::assertion_audience(options) == "https://issuer.example.com/");
  options.assertion_audience = "urn:x";
  CHECK(token::assertion_audience(options) == "urn:x");
}
