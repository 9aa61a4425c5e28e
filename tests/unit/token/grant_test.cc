#include "token/grant.h"

#include <doctest/doctest.h>

using namespace bearer;

TEST_CASE("client_credentials alone is one field") {
  CHECK(http::form_encode(token::client_credentials({})) == "grant_type=client_credentials");
}

TEST_CASE("the form holds scope, audience, resources and the person's parameters in that order") {
  token::CredentialOptions options;
  options.scope = "a b";
  options.audience = "https://api";
  options.resources = {"r1", "r2"};
  options.token_params = {{"z", "1"}, {"a", "ä"}};
  CHECK(http::form_encode(token::client_credentials(options)) ==
        "grant_type=client_credentials&scope=a+b&audience=https%3A%2F%2Fapi&resource=r1&resource=r2"
        "&z=1&a=%C3%A4");
}
