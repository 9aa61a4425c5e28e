#include "token/oauth/passing_error.h"

#include <doctest/doctest.h>

using bearer::token::Passing;
using bearer::token::passing;

namespace {

struct Said {
  const char *error, *description;
};

}  // namespace

TEST_CASE("a code or a description that says a rate is a rate limit") {
  for (const Said& said : {
           Said{"invalid_grant", "login rate exceeded"},
           Said{"invalid_grant", "The maximum login rate has been exceeded for this user."},
           Said{"invalid_request", "You exceeded the allowed rate of token requests"},
           Said{"forbidden", "API Rate-Limit reached for this IP"},
           Said{"access_denied", "Your client is being rate limited."},
           Said{"Access Denied", "You have made too many requests continuously."},
           Said{"invalid_request", "Too many concurrent token requests"},
           Said{"bad_request", "Too many login attempts; try again with valid credentials later"},
           Said{"invalid_grant", "AADSTS50196: The server terminated an operation."},
           Said{"invalid_request", "Requests come too frequently"},
           Said{"", "The request was throttled. Expected available in 12 seconds."},
           Said{"", "Request limit exceeded"},
           Said{"rate_limit_exceeded", ""},
           Said{"rateLimited", ""},
           Said{"RateLimitError", ""},
           Said{"ratelimit", ""},
           Said{"too_many_requests", ""},
           Said{"TooManyRequests", ""},
           Said{"TOO_MANY_LOGIN_ATTEMPTS", ""},
           Said{"ThrottlingException", "Rate exceeded"},
           Said{"slow_down", ""},
           Said{"invalid_request", "You have exceeded the maximum number of requests."},
           Said{"rejected", "The number of logins exceeded 3600 an hour"},
       }) {
    CAPTURE(said.error);
    CAPTURE(said.description);
    CHECK(passing({said.error, said.description}) == Passing::rate_limit);
  }
}

TEST_CASE("a fault of the server, or the advice to try again later, is a fault that passes") {
  for (const Said& said : {
           Said{"server_error", ""},
           Said{"temporarily_unavailable", ""},
           Said{"SERVICE_UNAVAILABLE", "we are back at noon"},
           Said{"unknown_error", "retry your request"},
           Said{"unexpected", "Something went astray. Please try again."},
           Said{"invalid_request",
                "AADSTS90033: A transient error has occurred. Please try again."},
           Said{"invalid_grant", "The login service is temporarily unavailable."},
           Said{"invalid_grant", "Cannot sign now. Try your request again later."},
           Said{"access_denied", "Please wait a few minutes before you ask for more"},
           Said{"invalid_request", "Retry in 30s"},
           Said{"error", "Please retry the request after 5 minutes."},
           Said{"error", "The system is busy"},
           Said{"invalid_grant", "Something went wrong. Please try again."},
           Said{"invalid_request", "An unexpected error occurred, retry."},
           Said{"failure", "Please try after sometime"},
           Said{"internal_error", ""},
       }) {
    CAPTURE(said.error);
    CAPTURE(said.description);
    CHECK(passing({said.error, said.description}) == Passing::fault);
  }
}

TEST_CASE("a refusal stays one, whatever it advises, and whatever words its letters hold") {
  for (const Said& said : {
           Said{"invalid_client", ""},
           Said{"invalid_client", "Client authentication failed. Please try again later."},
           Said{"invalid_client", "too many requests with this secret"},
           Said{"unauthorized_client", "try again later"},
           Said{"invalid_scope", "scope rate_limited:read is not granted"},
           Said{"unsupported_grant_type", "retry with another grant"},
           Said{"invalid_grant", ""},
           Said{"invalid_grant", "expired or revoked"},
           Said{"invalid_grant", "Token has been expired or revoked. Try signing in again later."},
           Said{"invalid_grant", "Please sign in again in a few minutes"},
           Said{"invalid_grant", "Session ended: log in again, then retry"},
           Said{"invalid_grant", "Invalid username or password. Please try again later."},
           Said{"invalid_grant", "Wrong password. Please try again."},
           Said{"invalid_grant", "The code is wrong: try again in one minute"},
           Said{"denied", "Wrong. Try again."},
           Said{"invalid_grant", "Bad assertion; correct it and retry"},
           Said{"invalid_grant", "The assertion was used before: generate one and try again"},
           Said{"invalid_grant", "The operation was moderated. Rated: separate, first-rate"},
           Said{"invalid_grant", "Your rate plan has no API access"},
           Said{"invalid_grant", "The exchange rate service is not part of this plan"},
           Said{"invalid_request", "Generate a token with fewer scopes: too many scopes requested"},
           Said{"invalid_request", "Unlimited requests are not part of it; do not retry later"},
           Said{"access_denied", "No throttling policy is assigned"},
           Said{"access_denied", "This account is disabled. Contact us, or try again later."},
           Said{"access_denied", "Check your key and try again later"},
           Said{"invalid_grant", "Sign back in, or retry in 5 minutes"},
           Said{"bad_token", "Use a different account and try again"},
           Said{"incorrect_credentials", "Please try again"},
           Said{"", "Invalid API key. Please retry with a valid one."},
           Said{"", "Invalid JWT: Token must be a short-lived token (60 minutes)"},
           Said{"", "retrying, entry, country, trying, against"},
           Said{"", ""},
       }) {
    CAPTURE(said.error);
    CAPTURE(said.description);
    CHECK(passing({said.error, said.description}) == Passing::never);
  }
}

TEST_CASE("a server that names a wait is waited for, unless it refuses") {
  const auto waits = [](const char* error, const char* description) {
    return passing({error, description, /*asks_to_wait=*/true});
  };
  CHECK(waits("invalid_grant", "") == Passing::rate_limit);
  CHECK(waits("access_denied", "not now") == Passing::rate_limit);
  CHECK(waits("", "") == Passing::rate_limit);
  CHECK(waits("temporarily_unavailable", "") == Passing::rate_limit);
  for (const char* definite : {"invalid_client", "unauthorized_client", "invalid_scope"}) {
    CAPTURE(definite);
    CHECK(waits(definite, "") == Passing::never);
  }
  CHECK(waits("invalid_grant", "The refresh token was revoked") == Passing::never);
}

TEST_CASE("what a provider documents as not yet known everywhere passes, by whole words") {
  for (const char* description : {"AADSTS7000215: Invalid client secret provided.", "(AADSTS70021)",
                                  "Invalid JWT Signature."}) {
    CAPTURE(description);
    CHECK(passing({"invalid_client", description}) == Passing::eventual);
  }
  for (const char* description : {"AADSTS7000222: expired", "AADSTS700210", "Invalid JWT issuer"}) {
    CAPTURE(description);
    CHECK(passing({"invalid_client", description}) == Passing::never);
  }
}
