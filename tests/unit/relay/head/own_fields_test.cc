#include "relay/head/own_fields.h"

#include <doctest/doctest.h>

#include <string>

using namespace bearer;
using relay::RouteOptions;

namespace {

/// The lines of a route whose token is `t0k`, up to the head's end.
std::string lines(const RouteOptions& options) {
  return std::string(relay::before_token(options).reveal()) + "t0k" +
         std::string(relay::after_token(options));
}

bool is_replaced(std::string_view name, std::string_view value, const RouteOptions& options) {
  return relay::is_replaced({name, value, http::field_name(name)}, options);
}

RouteOptions with_auth(std::string field, std::string scheme) {
  RouteOptions options;
  options.auth_field = std::move(field);
  options.auth_scheme = std::move(scheme);
  return options;
}

}  // namespace

TEST_CASE("the token stands behind its scheme, in its field") {
  CHECK(lines({}) == "Authorization: Bearer t0k\r\n\r\n");
  CHECK(lines(with_auth("x-amz-access-token", "")) == "x-amz-access-token: t0k\r\n\r\n");
  CHECK(lines(with_auth("Authorization", "Zoho-oauthtoken")) ==
        "Authorization: Zoho-oauthtoken t0k\r\n\r\n");
}

TEST_CASE("a scheme that ends in an equals sign takes no space, and its quote is closed") {
  CHECK(lines(with_auth("Authorization", "Token token=")) ==
        "Authorization: Token token=t0k\r\n\r\n");
  CHECK(lines(with_auth("Authorization", "Snowflake Token=\"")) ==
        "Authorization: Snowflake Token=\"t0k\"\r\n\r\n");
}

TEST_CASE("fixed fields stand before the token, in the order in which they were written") {
  RouteOptions options;
  options.fixed_fields = {{"X-Key", base::Secret("k 1")}, {"B", base::Secret("")}};
  CHECK(lines(options) == "X-Key: k 1\r\nB: \r\nAuthorization: Bearer t0k\r\n\r\n");
}

TEST_CASE("a client's field gives way to ours of the same name, whatever its spelling") {
  RouteOptions options = with_auth("X-Access-Token", "");
  options.fixed_fields = {{"Api-Key", base::Secret("k")}};
  for (const char* name : {"x-access-TOKEN", "X_Access_Token", "api-key", "API_KEY"}) {
    CAPTURE(name);
    CHECK(is_replaced(name, "client's", options));
  }
  for (const char* name : {"X-Access-Tokens", "Api", "Api-Key-2", "Cookie"}) {
    CAPTURE(name);
    CHECK_FALSE(is_replaced(name, "client's", options));
  }
}

TEST_CASE("where the token goes elsewhere, a client's Authorization goes on unless it is a token") {
  const RouteOptions elsewhere = with_auth("X-Access-Token", "");
  CHECK(is_replaced("Authorization", "Bearer placeholder", elsewhere));
  CHECK(is_replaced("authorization", "bearer placeholder", elsewhere));
  CHECK(is_replaced("authorization", "DPoP placeholder", elsewhere));
  CHECK_FALSE(is_replaced("Authorization", "Basic eDp5", elsewhere));
  CHECK_FALSE(is_replaced("Authorization", "AWS4-HMAC-SHA256 Credential=a/b", elsewhere));
  CHECK(is_replaced("Authorization", "Basic eDp5", {}));
}

TEST_CASE("a bound token stands behind DPoP, unless a person named another scheme") {
  const auto before = [](const RouteOptions& options) {
    return std::string(relay::before_bound_token(options).reveal());
  };
  RouteOptions options;
  options.fixed_fields = {{"X-Key", base::Secret("k")}};
  CHECK(before(options) == "X-Key: k\r\nAuthorization: DPoP ");
  CHECK(before(with_auth("Authorization", "GNAP")) == "Authorization: GNAP ");
  CHECK(before(with_auth("X-Token", "")) == "X-Token: ");
}

TEST_CASE("a client's proof is of a token that does not go on") {
  for (const RouteOptions& options : {RouteOptions(), with_auth("X-Token", "")}) {
    CHECK(is_replaced("DPoP", "e30.e30.c2ln", options));
    CHECK(is_replaced("dpop", "", options));
    CHECK_FALSE(is_replaced("DPoP-Nonce", "n", options));
  }
}
