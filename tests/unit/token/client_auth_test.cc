#include "token/client_auth.h"

#include <doctest/doctest.h>

#include <string>

#include "token/grant.h"

using namespace bearer;
using token::BasicEncoding;
using token::ClientAuth;

namespace {

struct Request {
  std::string authorization;
  std::string form;
};

Request request(const token::CredentialOptions& options, const std::string& secret) {
  const base::Secret client_secret{std::string(secret)};
  auto fields = token::client_credentials(options);
  const base::Secret authorization = token::authenticate_client(options, client_secret, fields);
  return {std::string(authorization.reveal()), http::form_encode(fields)};
}

}  // namespace

TEST_CASE("client_secret_basic form-encodes id and secret (RFC 6749 section 2.3.1)") {
  token::CredentialOptions options;
  options.client_id = "s6BhdRkqt3";
  CHECK(request(options, "gX1fBat3bV").authorization == "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
  CHECK(request(options, "gX1fBat3bV").form == "grant_type=client_credentials");

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
  CHECK(request(options, "p&q").form ==
        "grant_type=client_credentials&client_id=id&client_secret=p%26q");
}
