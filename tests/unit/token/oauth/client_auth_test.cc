#include "token/oauth/client_auth.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/owned_clock.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_ca.h"
#include "tests/support/test_keys.h"
#include "token/oauth/signing_key.h"

using namespace bearer;
using token::BasicEncoding;
using token::ClientAuth;

namespace {

struct Request {
  std::string authorization;
  std::string form;
  std::string assertion = {};
};

Request request(const token::CredentialOptions& options) {
  token::TokenForm form;
  const auto authorization = token::authenticate_client(options, test::OwnedClock().wall(), form);
  REQUIRE(authorization.has_value());
  return {std::string(authorization->reveal()), std::string(form.encoded().reveal()),
          std::string(form.value("client_assertion"))};
}

Request request(token::CredentialOptions options, const std::string& secret) {
  options.client_secret = base::Secret(std::string(secret));
  return request(options);
}

std::string failure(const token::CredentialOptions& options) {
  token::TokenForm form;
  const auto authorization = token::authenticate_client(options, test::OwnedClock().wall(), form);
  return authorization ? "none" : authorization.error().sentence();
}

token::CredentialOptions by_key(const std::string& path) {
  token::CredentialOptions options;
  options.auth_method = ClientAuth::private_key_jwt;
  options.client_id = "id";
  options.token_url = http::parse_url("https://login.example.com/token").value();
  options.client_key_file = path;
  return options;
}

}  // namespace

TEST_CASE("client_secret_basic form-encodes id and secret (RFC 6749 section 2.3.1)") {
  token::CredentialOptions options;
  options.client_id = "s6BhdRkqt3";
  CHECK(request(options, "gX1fBat3bV").authorization == "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
  CHECK(request(options, "gX1fBat3bV").form == "");

  options.client_id = "a:b";
  // base64 of "a%3Ab:p%26q+r%C3%A9"
  CHECK(request(options, "p&q r\xc3\xa9").authorization == "Basic YSUzQWI6cCUyNnErciVDMyVBOQ==");
}

TEST_CASE("raw basic encoding leaves id and secret as they are") {
  token::CredentialOptions options;
  options.client_id = "id";
  options.basic_encoding = BasicEncoding::raw;
  CHECK(request(options, "p&q%").authorization == "Basic aWQ6cCZxJQ==");
}

TEST_CASE("client_secret_post puts id and secret into the form, and no Authorization") {
  token::CredentialOptions options;
  options.client_id = "id";
  options.auth_method = ClientAuth::client_secret_post;
  CHECK(request(options, "p&q").authorization.empty());
  CHECK(request(options, "p&q").form == "client_id=id&client_secret=p%26q");
}

TEST_CASE("tls_client_auth and none tell the id alone, where there is one") {
  for (const ClientAuth method : {ClientAuth::tls_client_auth, ClientAuth::none}) {
    token::CredentialOptions options;
    options.auth_method = method;
    CHECK(request(options).form == "");
    options.client_id = "id";
    CHECK(request(options).form == "client_id=id");
    CHECK(request(options).authorization == "");
  }
}

TEST_CASE("private_key_jwt posts an assertion of the client about itself, new each time") {
  const test::TemporaryDirectory directory;
  const test::Key ec = test::ec_key();
  token::CredentialOptions options =
      by_key(directory.write("key.pem", test::private_pem(ec.get())));
  const Request asked = request(options);
  CHECK(asked.authorization == "");
  CHECK(asked.form ==
        "client_id=id&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A"
        "client-assertion-type%3Ajwt-bearer&client_assertion=" +
            asked.assertion);
  const test::Jws jws(asked.assertion);
  CHECK(jws.is_by(ec.get()));
  CHECK(jws.claims.at("iss") == "id");
  CHECK(jws.claims.at("sub") == "id");
  CHECK(jws.claims.at("aud") == "https://login.example.com/token");
  CHECK(test::Jws(request(options).assertion).claims.at("jti") != jws.claims.at("jti"));

  options.assertion_audience = "https://a";
  options.key_id = "k";
  CHECK(test::Jws(request(options).assertion).claims.at("aud") == "https://a");
  CHECK(test::Jws(request(options).assertion).header.at("kid") == "k");
}

TEST_CASE("private_key_jwt names the certificate of its key where one is given") {
  test::TestCa ca;
  const test::Leaf leaf = ca.leaf();
  token::CredentialOptions options = by_key(leaf.key_file);
  options.client_cert_file = leaf.cert_file;
  const test::Jws jws(request(options).assertion);
  CHECK(jws.header.at("x5t#S256").get<std::string>().size() == 43);
  CHECK(jws.header.at("x5t").get<std::string>().size() == 27);

  options.client_cert_file = leaf.key_file;
  CHECK(failure(options) ==
        "the secret's file " + leaf.key_file + " holds no certificate in PEM: check client_cert");
}

TEST_CASE("client_secret_jwt is signed with the secret") {
  token::CredentialOptions options;
  options.auth_method = ClientAuth::client_secret_jwt;
  options.client_id = "id";
  options.token_url = http::parse_url("https://login.example.com/token").value();
  const test::Jws jws(request(options, "s3cret").assertion);
  CHECK(jws.header.at("alg") == "HS256");
  const token::SigningKey same = token::SigningKey::of_secret(base::Secret("s3cret"));
  CHECK(same.sign(jws.message).value() == jws.signature);
  CHECK(jws.claims.at("aud") == "https://login.example.com/token");
}

TEST_CASE("a key or secret that cannot be used is named with its setting") {
  const test::TemporaryDirectory directory;
  const std::string missing = directory.path("missing");
  CHECK(failure(by_key(missing)).ends_with(": check client_key"));
  const std::string path = directory.write("key.pem", "hush");
  CHECK(failure(by_key(path)) ==
        "the secret's file " + path + " holds no private key in PEM, nor a JWK: check client_key");
  token::CredentialOptions options;
  options.client_secret_file = missing;
  CHECK(failure(options).ends_with(": check client_secret_file"));
}

TEST_CASE("a client assertion is what its file holds at each request, whatever it is") {
  const test::TemporaryDirectory directory;
  token::CredentialOptions options;
  options.auth_method = ClientAuth::assertion_file;
  options.client_assertion_file = directory.write("svid", "a.b.c\n");
  options.client_assertion_type = "urn:x:jwt-spiffe";
  CHECK(request(options).form ==
        "client_assertion_type=urn%3Ax%3Ajwt-spiffe&client_assertion=a.b.c");
  CHECK(request(options).authorization == "");
  options.client_id = "id";
  directory.write("svid", "d.e.f");
  CHECK(request(options).form.starts_with("client_id=id&"));
  CHECK(request(options).assertion == "d.e.f");

  options.client_assertion_file += ".gone";
  CHECK(failure(options) == "the secret's file " + options.client_assertion_file +
                                " cannot be read (No such file or directory): check "
                                "client_assertion_file");
}

TEST_CASE("a JWT of our own is the Bearer token, and says no more than who we are") {
  const test::TemporaryDirectory directory;
  const test::Key key = test::rsa_key();
  token::CredentialOptions options = by_key(directory.write("k", test::private_pem(key.get())));
  options.auth_method = ClientAuth::bearer_jwt;
  const Request asked = request(options);
  CHECK(asked.form == "");
  REQUIRE(asked.authorization.starts_with("Bearer "));
  const test::Jws jws(asked.authorization.substr(7));
  CHECK(jws.is_by(key.get()));
  CHECK(jws.claims.at("iss") == "id");
  CHECK_FALSE(jws.claims.contains("sub"));
  CHECK_FALSE(jws.claims.contains("aud"));
  CHECK(jws.claims.at("exp").get<long>() - jws.claims.at("iat").get<long>() == 120);
}

TEST_CASE("claims of a person's own stand in place of ours") {
  const test::TemporaryDirectory directory;
  token::CredentialOptions options =
      by_key(directory.write("k", test::private_pem(test::ec_key().get())));
  options.assertion_claims = {{"sub", ""}, {"iss", "me"}, {"roles", R"(["a","b"])"}, {"n", "7"}};
  const test::Jws jws(request(options).assertion);
  CHECK_FALSE(jws.claims.contains("sub"));
  CHECK(jws.claims.at("iss") == "me");
  CHECK(jws.claims.at("roles") == nlohmann::json({"a", "b"}));
  CHECK(jws.claims.at("n") == "7");
  // Where the grant is an assertion, too, they are that one's.
  options.grant = token::Grant::jwt_bearer;
  CHECK(test::Jws(request(options).assertion).claims.at("iss") == "id");
}
